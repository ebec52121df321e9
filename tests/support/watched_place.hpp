#pragma once
#include "store/watches.hpp"
#include "tests/support/scratch_store.hpp"

namespace linkspan::test
{

// Pull request 7 of acme/api, which sample events are of.
inline watch_place sample_place()
{
    watch_place out;
    out.instance = cloud;
    out.repository = "{8c1d}";
    out.pull_request = 7;
    return out;
}

}  // namespace linkspan::test
