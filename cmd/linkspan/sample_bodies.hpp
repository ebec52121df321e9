#pragma once
#include "core/base/error.hpp"
#include "core/base/time.hpp"
#include "core/event/event.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace linkspan
{

// A delivery of our own making that the program carries (cmd/linkspan/samples/README.md).
struct sample
{
    std::string name;  // "opened"
    linkspan::edition edition = linkspan::edition::cloud;
    std::string event_key;
    bool in_story = false;
    std::string summary;
    std::string_view file;  // its whole text
};

// The samples of one edition, in the order of the story, then the others. errc::internal where one cannot be
// read.
result<std::vector<sample>> samples_of(edition wanted);

// What the placeholders of a run become: runs with other numbers share no pull request, comment or build.
struct sample_run
{
    time_point now;
    std::int64_t pull_request = 0;
    std::int64_t number = 0;
};

// The body of a sample, as JSON text, with its placeholders filled in. errc::internal names one that is not
// known.
result<std::string> body_of(sample const& chosen, sample_run const& run);

// The filling alone, over any JSON text of the format's `body`.
result<std::string> fill_placeholders(std::string_view json_text, sample_run const& run);

}  // namespace linkspan
