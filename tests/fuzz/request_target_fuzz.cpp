#include "core/base/request_target.hpp"

#include <cstdint>
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

std::string encode(std::string_view text)
{
    std::string encoded;
    for (char const c : text)
    {
        auto const byte = static_cast<unsigned char>(c);
        encoded += '%';
        encoded += "0123456789abcdef"[byte >> 4U];
        encoded += "0123456789abcdef"[byte & 15U];
    }
    return encoded;
}

bool is_clean(std::string_view text)
{
    for (char const c : text)
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
            return false;
    return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    using namespace linkspan;
    std::string_view const text(reinterpret_cast<char const*>(data), size);
    auto const target = parse_request_target(text);
    if (!target)
    {
        hold(target.error().code == errc::invalid, "the code of a refusal");
        hold(target.error().message.size() < 120, "a refusal does not repeat its input");
        return 0;
    }
    hold(size > 0 && size <= request_target_bytes_max && text.front() == '/', "origin form within its limit");
    hold(target->segments.size() <= request_target_segments_max, "segments within their limit");
    hold(target->query.size() <= request_target_parameters_max, "parameters within their limit");
    std::string written;
    for (auto const& segment : target->segments)
    {
        hold(is_clean(segment) && segment != "." && segment != "..", "a clean segment");
        written += "/" + encode(segment);
    }
    if (written.empty())
        written = "/";
    char separator = '?';
    for (auto const& [name, value] : target->query)
    {
        hold(is_clean(name) && is_clean(value), "a clean parameter");
        written += separator + encode(name) + "=" + encode(value);
        separator = '&';
    }
    if (written.size() > request_target_bytes_max)
        return 0;
    auto const again = parse_request_target(written);
    hold(again && *again == *target, "what was read can be written and read again");
    return 0;
}
