#include "core/base/time.hpp"

#include <array>
#include <charconv>
#include <cstdio>

namespace linkspan
{
namespace
{

// The years 0 to 9999.
constexpr time_point first_moment = std::chrono::sys_days(std::chrono::year(0) / 1 / 1);
constexpr time_point last_moment =
    time_point(std::chrono::sys_days(std::chrono::year(10000) / 1 / 1)) - milliseconds(1);

// Takes exactly `digits` digits off the front of text.
std::optional<int> take_number(std::string_view& text, std::size_t digits)
{
    if (text.size() < digits)
        return std::nullopt;
    int value = 0;
    for (char const c : text.substr(0, digits))
    {
        if (c < '0' || c > '9')
            return std::nullopt;
        value = value * 10 + (c - '0');
    }
    text.remove_prefix(digits);
    return value;
}

bool take(std::string_view& text, char expected)
{
    if (text.empty() || text.front() != expected)
        return false;
    text.remove_prefix(1);
    return true;
}

// ".744328" -> 744 ms; no fraction -> 0.
std::optional<int> take_fraction(std::string_view& text)
{
    if (!take(text, '.'))
        return 0;
    int value = 0;
    int digits = 0;
    for (; !text.empty() && text.front() >= '0' && text.front() <= '9'; text.remove_prefix(1), ++digits)
        if (digits < 3)
            value = value * 10 + (text.front() - '0');
    if (digits == 0)
        return std::nullopt;
    for (int i = digits; i < 3; ++i)
        value *= 10;
    return value;
}

// "Z", "+02:00", "-0530".
std::optional<std::chrono::minutes> take_zone(std::string_view& text)
{
    if (take(text, 'Z') || take(text, 'z'))
        return std::chrono::minutes(0);
    int const sign = take(text, '+') ? 1 : take(text, '-') ? -1 : 0;
    if (sign == 0)
        return std::nullopt;
    auto const hours = take_number(text, 2);
    take(text, ':');
    auto const minutes = take_number(text, 2);
    if (!hours || !minutes || *hours > 23 || *minutes > 59)
        return std::nullopt;
    return std::chrono::minutes(sign * (*hours * 60 + *minutes));
}

}  // namespace

std::string to_rfc3339(time_point moment)
{
    auto const day = std::chrono::floor<std::chrono::days>(moment);
    std::chrono::year_month_day const date(day);
    std::chrono::hh_mm_ss const clock(moment - day);
    std::array<char, 48> buffer{};
    auto const length = std::snprintf(
        buffer.data(),
        buffer.size(),
        "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ",
        static_cast<int>(date.year()),
        static_cast<unsigned>(date.month()),
        static_cast<unsigned>(date.day()),
        static_cast<int>(clock.hours().count()),
        static_cast<int>(clock.minutes().count()),
        static_cast<int>(clock.seconds().count()),
        static_cast<int>(clock.subseconds().count())
    );
    return std::string(buffer.data(), static_cast<std::size_t>(length));
}

std::optional<time_point> parse_time(std::string_view text)
{
    auto const year = take_number(text, 4);
    bool const dash1 = take(text, '-');
    auto const month = take_number(text, 2);
    bool const dash2 = take(text, '-');
    auto const day = take_number(text, 2);
    if (!year || !month || !day || !dash1 || !dash2 || !(take(text, 'T') || take(text, ' ')))
        return std::nullopt;
    auto const hour = take_number(text, 2);
    bool const colon1 = take(text, ':');
    auto const minute = take_number(text, 2);
    bool const colon2 = take(text, ':');
    auto const second = take_number(text, 2);
    if (!hour || !minute || !second || !colon1 || !colon2 || *hour > 23 || *minute > 59 || *second > 60)
        return std::nullopt;
    auto const fraction = take_fraction(text);
    auto const zone = take_zone(text);
    std::chrono::year_month_day const date(
        std::chrono::year(*year),
        std::chrono::month(static_cast<unsigned>(*month)),
        std::chrono::day(static_cast<unsigned>(*day))
    );
    if (!fraction || !zone || !text.empty() || !date.ok())
        return std::nullopt;
    auto const moment = time_point(std::chrono::sys_days(date)) + std::chrono::hours(*hour) +
                        std::chrono::minutes(*minute) + std::chrono::seconds(*second) +
                        milliseconds(*fraction) - *zone;
    // The zone may move it over the edge of what four digits write; what is stored must be read again.
    if (moment < first_moment || moment > last_moment)
        return std::nullopt;
    return moment;
}

}  // namespace linkspan
