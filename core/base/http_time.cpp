#include "core/base/http_time.hpp"

#include <charconv>

namespace linkspan
{
namespace
{

// "20:35:15" -> the digits of one place; nothing where one is none.
std::optional<unsigned> number_at(std::string_view text, std::size_t at, std::size_t digits)
{
    unsigned value = 0;
    auto const* const begin = text.data() + at;
    auto const [end, failure] = std::from_chars(begin, begin + digits, value);
    return failure == std::errc() && end == begin + digits ? std::optional(value) : std::nullopt;
}

}  // namespace

std::optional<time_point> parse_http_time(std::string_view text)
{
    static constexpr std::string_view form = "Xxx, 00 Xxx 0000 00:00:00 GMT";
    static constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";
    if (text.size() != form.size())
        return std::nullopt;
    for (std::size_t i = 0; i < form.size(); ++i)
        if (form[i] != text[i] && form[i] != '0' && form[i] != 'x' && form[i] != 'X')
            return std::nullopt;
    // The day of the week follows from the date.
    auto const month = months.find(text.substr(8, 3));
    auto const day = number_at(text, 5, 2);
    auto const year = number_at(text, 12, 4);
    auto const hour = number_at(text, 17, 2);
    auto const minute = number_at(text, 20, 2);
    auto const second = number_at(text, 23, 2);
    if (month == months.npos || month % 3 != 0 || !day || !year || !hour || !minute || !second)
        return std::nullopt;
    std::chrono::year_month_day const date(
        std::chrono::year(static_cast<int>(*year)),
        std::chrono::month(static_cast<unsigned>(month / 3 + 1)),
        std::chrono::day(*day)
    );
    if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60)
        return std::nullopt;
    return time_point(std::chrono::sys_days(date)) + std::chrono::hours(*hour) +
           std::chrono::minutes(*minute) + std::chrono::seconds(*second);
}

}  // namespace linkspan
