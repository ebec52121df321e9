#pragma once
#include "tests/simulators/bitbucket_cloud.hpp"
#include "tests/support/app_world.hpp"

namespace linkspan::test
{

// The real app beside a simulated Bitbucket Cloud, with a repository acme/api whose API the app may ask.
class cloud_world : public app_world
{
public:
    using delivery = cloud_delivery;
    static constexpr edition kind = edition::cloud;
    static constexpr char const* repository = "acme/api";

    cloud_world();
    ~cloud_world() override { stop(); }

    bitbucket_cloud& service() { return cloud; }

    // How far the clock of the simulated one is ahead of the app's, in milliseconds. Before start().
    std::atomic<std::int64_t> cloud_ahead = 0;
    bitbucket_cloud cloud;

    // Another process adds a link that no source names; true when the app has read all links again.
    bool read_links_again();
    // Another process stores the token of the api link once more.
    void mend_link();

private:
    void place_hook(std::string const& url) override;

    bool has_hook_ = false;
};

class watched_cloud : public testing::Test, public cloud_world
{
};

}  // namespace linkspan::test
