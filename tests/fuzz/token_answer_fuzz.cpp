// What token endpoints answer. The first line of an input is "DIALECT STATUS", the rest is the body.
#include "core/base/utf8.hpp"
#include "core/oauth/token.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

using namespace linkspan;

namespace
{

void hold(bool invariant, char const* what)
{
    if (invariant)
        return;
    std::fprintf(stderr, "broken: %s\n", what);
    std::abort();
}

bool is_sendable(std::string_view token)
{
    return std::ranges::all_of(token, [](char c) { return c > 0x20 && c < 0x7f; });
}

void hold_plain(std::string_view text, std::size_t bytes_max)
{
    hold(text.size() <= bytes_max, "a line of limited length");
    hold(plain_line(text, bytes_max) == text, "a safe line");
}

void hold_granted(token_set const& tokens, time_point asked_at)
{
    hold(
        !tokens.access_token.empty() && is_sendable(tokens.access_token.reveal()), "a token that can be sent"
    );
    hold(!tokens.token_type.empty() && is_sendable(tokens.token_type), "a type that can be sent");
    hold(tokens.obtained_at == asked_at, "a life is counted from the question");
    if (tokens.expires_at)
        hold(
            *tokens.expires_at > asked_at && *tokens.expires_at <= asked_at + token_life_max,
            "a life that can be believed"
        );
    bool const is_trimmed =
        tokens.scopes.empty() || (tokens.scopes.front() != ' ' && tokens.scopes.back() != ' ');
    hold(is_trimmed && tokens.scopes.find("  ") == std::string::npos, "scopes with one blank between them");
    for (auto const& [name, value] : tokens.facts)
    {
        hold(!value.empty(), "a fact says something");
        hold_plain(value, 256);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    std::string_view const text(reinterpret_cast<char const*>(data), size);
    auto const end = std::min(text.find('\n'), text.size());
    auto const head = text.substr(0, end);
    auto const blank = std::min(head.find(' '), head.size());
    auto const dialect = head.substr(0, blank) == "slack" ? token_dialect::slack : token_dialect::standard;
    int const status = std::atoi(std::string(head.substr(blank)).c_str());
    auto const asked_at = from_milliseconds(1'800'000'000'000);

    auto const answer = read_token_answer(status, text.substr(std::min(end + 1, size)), dialect, asked_at);
    hold(name_of(answer.fate) != "unknown", "an answer says what became of the token");
    hold_plain(answer.words, 480);
    hold_plain(answer.error_code, 64);
    hold(!answer.wait.has_value(), "the body asks for no wait");
    if (answer.fate == token_fate::granted)
    {
        hold(status >= 200 && status < 300, "only a 2xx grants");
        hold(answer.words.empty() && answer.error_code.empty(), "a grant is no fault");
        hold_granted(answer.tokens, asked_at);
        return 0;
    }
    hold(!answer.words.empty(), "a refusal says why");
    hold(
        answer.tokens.access_token.empty() && answer.tokens.refresh_token.empty(), "no token without a grant"
    );
    hold(answer.fate != token_fate::refused || status < 500, "a broken service kills no token");
    return 0;
}
