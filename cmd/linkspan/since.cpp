#include "cmd/linkspan/since.hpp"

#include "cmd/linkspan/terminal.hpp"

#include <charconv>

namespace linkspan
{

result<time_point> read_since(std::string const& text, time_point now)
{
    if (auto const moment = parse_time(text))
        return *moment;
    if (auto const day = parse_time(text + "T00:00:00Z"))
        return *day;
    std::int64_t count = 0;
    auto const* const end = text.data() + text.size();
    auto const read = std::from_chars(text.data(), end, count);
    std::string_view const unit(read.ptr, static_cast<std::size_t>(end - read.ptr));
    constexpr std::int64_t count_max = 1'000'000;
    bool const is_minutes = unit == "min" || unit == "m";
    std::int64_t const length = unit == "d" ? 86'400 : unit == "h" ? 3'600 : is_minutes ? 60 : 0;
    if (read.ec == std::errc() && length != 0 && count >= 0 && count <= count_max)
        return now - seconds(count * length);
    return error(
        errc::invalid,
        "--since takes a day (2026-11-20), a moment (2026-11-20T09:30:00Z) or how long ago (15min, 12h, "
        "30d), "
        "not " +
            safe_line(text, 60)
    );
}

}  // namespace linkspan
