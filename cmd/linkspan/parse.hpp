#pragma once
#include "cmd/linkspan/profile_store.hpp"
#include "cmd/linkspan/terminal.hpp"

#include <string>
#include <vector>

namespace linkspan
{

// `linkspan parse FILE...`: the events of deliveries in files, in order, as JSON lines. What one delivery
// shows of a pull request is known to those behind it. No profile is needed, none is touched.
struct parse_options
{
    bool json = false;  // errors as JSON
    std::string edition;
    std::vector<std::string> event_keys;  // none, one for all files, or one for each
    std::vector<std::string> headers;     // files; likewise
    std::string instance;                 // empty: the file's, else the edition's default
    std::vector<std::string> files;
};

// Two runs print the same: an event has no id and no time of receipt here, unless headers tell that time.
// Every file is tried; what is wrong with one is printed as it is met. errc::invalid: a file cannot be
// understood; errc::not_found: it cannot be read, or its event key is not known. The error of the first
// such file decides.
result<> parse_deliveries(terminal& on, parse_options const& options);

}  // namespace linkspan
