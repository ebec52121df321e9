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

    bitbucket_cloud cloud;

private:
    void place_hook(std::string const& url) override;

    bool has_hook_ = false;
};

class watched_cloud : public testing::Test, public cloud_world
{
};

}  // namespace linkspan::test
