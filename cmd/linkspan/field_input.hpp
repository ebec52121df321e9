#pragma once
#include "cmd/linkspan/terminal.hpp"
#include "links/link.hpp"

#include <string>
#include <vector>

namespace linkspan
{

// Longer values of fields are refused: tokens and keys are far shorter, and a wrong file may be any size.
inline constexpr std::size_t field_bytes_max = 64 * 1024;

// Reads what --kv gives:
//   key=value   the value itself; a secret given so is taken with a warning, since other users may see it
//   key=@file   a file's content without the line end at its end
//   key=-       the same of standard input; once in a command
//   key         asked for: a secret without echo. errc::invalid where nobody sits at a terminal.
// errc::invalid for an unknown field (the message names the nearest), one given twice, and an empty required
// one. No message repeats a value.
result<link_fields> read_fields(
    terminal& on, link_template const& kind, std::vector<std::string> const& given
);

}  // namespace linkspan
