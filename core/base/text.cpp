#include "core/base/text.hpp"

namespace linkspan
{

std::string joined(std::vector<std::string> const& words, std::string_view between)
{
    std::string out;
    for (auto const& word : words)
        out += (out.empty() ? "" : std::string(between)) + word;
    return out;
}

std::string plural(std::size_t number, std::string const& what)
{
    return std::to_string(number) + " " + what + (number == 1 ? "" : "s");
}

}  // namespace linkspan
