// What comes back from an authorization endpoint. An input is a request target, or a text that was pasted.
#include "core/base/utf8.hpp"
#include "core/oauth/form.hpp"
#include "core/oauth/token.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

using namespace linkspan;

namespace
{

constexpr std::string_view redirect = "http://localhost:14470/callback";

void hold(bool invariant, char const* what)
{
    if (invariant)
        return;
    std::fprintf(stderr, "broken: %s\n", what);
    std::abort();
}

bool is_visible(std::string_view text)
{
    return std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7f; });
}

bool is_word(std::string_view text)
{
    return text.size() <= 64 && is_visible(text) && text.find_first_of(" <>&\"'") == text.npos;
}

void hold_form(std::string_view text)
{
    auto const fields = decode_form(text);
    if (!fields)
        return;
    std::string written;
    for (auto const& [name, value] : *fields)
        add_field(written, name, value);
    auto const again = decode_form(written);
    hold(again && *again == *fields, "a form that was read can be written and read again");
}

void hold_callback(callback const& read)
{
    hold(!read.state.empty() && is_visible(read.state.reveal()), "a state");
    hold(is_visible(read.code.reveal()), "a code");
    hold(
        !read.code.empty() || !read.error_code.empty() || !read.installation_id.empty() ||
            read.setup_action == "request",
        "a callback says something"
    );
    hold(read.code.empty() || read.error_code.empty(), "no code with a refusal");
    hold(is_word(read.error_code) && is_word(read.setup_action) && is_word(read.installation_id), "words");
    hold(read.words.size() <= 400 && plain_line(read.words, 400) == read.words, "one safe line");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    std::string_view const text(reinterpret_cast<char const*>(data), size);
    hold_form(text);
    auto const read = read_callback(text);
    auto const pasted = read_pasted_callback(text, redirect);
    if (read)
        hold_callback(*read);
    else
        hold(
            read.error().code == errc::invalid && read.error().message.size() < 200,
            "a refusal without its input"
        );
    if (pasted)
    {
        hold_callback(*pasted);
        hold(text.find(redirect) != text.npos, "a pasted callback is ours");
    }
    else
        hold(
            pasted.error().code == errc::invalid && pasted.error().message.size() < 200,
            "a refusal without its input"
        );
    return 0;
}
