#include "core/oauth/words.hpp"

namespace linkspan
{
namespace
{

constexpr std::size_t word_bytes_max = 64;

}  // namespace

std::string word_of(std::string_view text)
{
    std::string kept;
    for (char const c : text.substr(0, word_bytes_max))
        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
            c == '-' || c == '.')
            kept += c;
    return kept;
}

}  // namespace linkspan
