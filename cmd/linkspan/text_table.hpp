#pragma once
#include "cmd/linkspan/terminal.hpp"
#include "core/base/time.hpp"

#include <string>
#include <vector>

namespace linkspan
{

// Rows below a head, in columns of even width. The cells may come from outside: they are made safe for a
// terminal. What may be long stands last: on a terminal the last column ends where the terminal does (of
// text_end_min characters at least), with "..." where something was cut off. A table that wraps goes on in
// the next line instead: its widest columns become narrower, down to text_end_min, until it fits. Elsewhere
// nothing is cut or wrapped. Returns the rows that were cut, by their places.
struct text_table
{
    std::vector<std::string> head;
    std::vector<std::vector<std::string>> rows;
    bool wraps = false;
};
std::vector<std::size_t> print_table(terminal& on, text_table const& table);

inline constexpr std::size_t text_end_min = 20;

// Moments as tables show them, to the second and in UTC: "11-20 09:30:04", with the year before it
// ("2026-11-20 ...") where one of them is not of this year.
std::vector<std::string> short_times(std::vector<time_point> const& moments, time_point now);

// One moment, whole: "2026-11-20 09:30:04 UTC".
std::string shown_time(time_point moment);

}  // namespace linkspan
