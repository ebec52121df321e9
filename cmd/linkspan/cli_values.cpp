#include "cmd/linkspan/cli.hpp"
#include "core/base/utf8.hpp"
#include "core/event/event.hpp"

#include <charconv>

namespace linkspan
{

std::int64_t read_number(std::string const& option, std::string const& text, number_range const& within)
{
    std::int64_t number = 0;
    auto const* const end = text.data() + text.size();
    auto const [behind, failure] = std::from_chars(text.data(), end, number);
    if (failure == std::errc() && behind == end && number >= within.min && number <= within.max)
        return number;
    throw CLI::ValidationError(
        option + " takes a number from " + std::to_string(within.min) +
        (within.max == number_range().max ? "" : " to " + std::to_string(within.max)) + ", as in " + option +
        " " + std::to_string(within.example) + ", not \"" + plain_line(text, 60) + "\""
    );
}

command_line::word_list command_line::kind_words()
{
    word_list out;
    for (auto const& row : kind_names)
        out.emplace_back(row.name);
    return out;
}

}  // namespace linkspan
