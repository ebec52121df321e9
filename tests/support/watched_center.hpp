#pragma once
#include "tests/simulators/bitbucket_data_center.hpp"
#include "tests/support/app_world.hpp"

namespace linkspan::test
{

// The real app beside a simulated Data Center, with a repository ACME/api whose API the app may ask.
class watched_center : public testing::Test, public app_world
{
protected:
    watched_center();
    ~watched_center() override { stop(); }

    bitbucket_data_center center;
    std::int64_t hook = 0;

private:
    void place_hook(std::string const& url) override;
};

}  // namespace linkspan::test
