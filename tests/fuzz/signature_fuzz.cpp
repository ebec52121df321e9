#include "core/bitbucket/signature.hpp"

#include <cstdio>
#include <cstdlib>
#include <string>

namespace
{

void hold(bool invariant, char const* what)
{
    if (invariant)
        return;
    std::fprintf(stderr, "broken: %s\n", what);
    std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    using namespace linkspan;
    std::string_view const text(reinterpret_cast<char const*>(data), size);
    auto const found = bitbucket::parse_signature(text);
    if (!found)
    {
        hold(found.error().code == errc::unauthorized, "the code of a refusal");
        hold(found.error().message.size() < 100, "a refusal does not repeat its input");
        return 0;
    }
    std::string written = "sha256=";
    for (auto const byte : found->bytes)
    {
        written += "0123456789ABCDEF"[byte >> 4U];
        written += "0123456789ABCDEF"[byte & 15U];
    }
    auto const again = bitbucket::parse_signature(written);
    hold(again && *again == *found, "what was read can be written and read again");
    std::string upper;
    for (char const c : text)
        if (c != ' ' && c != '\t')
            upper += c >= 'a' && c <= 'f' && upper.size() >= 7 ? static_cast<char>(c - 'a' + 'A') : c;
    hold(upper == written, "nothing but blanks and letter case is forgiven");
    return 0;
}
