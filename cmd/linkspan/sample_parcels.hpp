#pragma once
#include "cmd/linkspan/send_sample.hpp"
#include "core/event/event.hpp"

#include <string>
#include <vector>

namespace linkspan
{

// One delivery, ready but for its headers.
struct parcel
{
    std::string name;
    std::string event_key;
    std::string body;
};

// What the options of send-sample ask for, in order: the caller's own file, or samples of one edition, filled
// in for a run of their own. errc::not_found for a file or sample that there is not (the message names the
// nearest sample), errc::invalid for a file without an event key or of more than 32 MiB.
result<std::vector<parcel>> pack(send_sample_options const& options, edition wanted);

}  // namespace linkspan
