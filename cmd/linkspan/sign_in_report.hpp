#pragma once
#include "cmd/linkspan/found_link.hpp"
#include "cmd/linkspan/terminal.hpp"

#include <string>

namespace linkspan
{

// A row for the audit; a store that does not take it is a warning.
void record_sign_in(terminal& on, found_link& found, std::string const& detail, bool is_failure);

// Who authorized the link and what was granted, as a line or as a JSON document; warns where a feature needs
// a scope that was not.
result<> report_sign_in(terminal& on, found_link& found, std::string const& detail, bool json);

}  // namespace linkspan
