#include "tests/support/sample_story.hpp"

#include <stdexcept>

namespace linkspan::test
{
namespace
{

story_step fill(sample const& chosen, std::int64_t pull_request, time_point now)
{
    sample_run run;
    run.now = now;
    run.pull_request = pull_request;
    run.number = pull_request * 100;
    story_step step;
    step.event_key = chosen.event_key;
    step.name = chosen.name;
    step.body = body_of(chosen, run).value();
    return step;
}

}  // namespace

std::vector<story_step> story_of(edition kind, std::int64_t pull_request, time_point now)
{
    std::vector<story_step> out;
    for (auto const& one : samples_of(kind).value())
        if (one.in_story)
            // Each step happens later than the one before.
            out.push_back(fill(one, pull_request, now + seconds(out.size())));
    return out;
}

story_step step_of(edition kind, std::string const& name, std::int64_t pull_request, time_point now)
{
    for (auto const& one : samples_of(kind).value())
        if (one.name == name)
            return fill(one, pull_request, now);
    throw std::runtime_error("there is no sample " + name);
}

}  // namespace linkspan::test
