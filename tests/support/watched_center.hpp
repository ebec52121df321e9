#pragma once
#include "tests/simulators/bitbucket_data_center.hpp"
#include "tests/support/app_world.hpp"

namespace linkspan::test
{

// The real app beside a simulated Data Center, with a repository ACME/api whose API the app may ask.
class center_world : public app_world
{
public:
    using delivery = center_delivery;
    static constexpr edition kind = edition::data_center;
    static constexpr char const* repository = "ACME/api";

    center_world();
    ~center_world() override { stop(); }

    bitbucket_data_center& service() { return center; }

    bitbucket_data_center center;
    std::int64_t hook = 0;

private:
    void place_hook(std::string const& url) override;
};

class watched_center : public testing::Test, public center_world
{
};

}  // namespace linkspan::test
