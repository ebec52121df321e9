#pragma once
#include "core/watch/hook.hpp"

#include <boost/json/array.hpp>

#include <string>
#include <vector>

namespace linkspan::bitbucket::data_center
{

// One webhook of a repository.
struct shown_hook
{
    std::string url;
    hook_record record;

    shown_hook() = default;
};

// The values of list_webhooks(). The published description leaves open what `statistics` holds; servers have
// counts {successes, failures, errors} and lastSuccess, lastFailure, lastError with start and finish in
// milliseconds. What is missing, or of another shape, is unknown; what is no object is passed over.
std::vector<shown_hook> read_hooks(boost::json::array const& values);

}  // namespace linkspan::bitbucket::data_center
