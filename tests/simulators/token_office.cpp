#include "tests/simulators/token_office.hpp"

#include "links/net/base64.hpp"
#include "links/net/sha256.hpp"

#include <random>

namespace linkspan::test
{
namespace
{

constexpr std::size_t code_bytes = 18;
constexpr std::size_t refresh_bytes = 24;

token_refusal no_grant(std::string description)
{
    return {"invalid_grant", std::move(description)};
}

// RFC 7636, 4.6.
bool fits(std::string_view verifier, std::string_view challenge)
{
    auto const digest = sha256(verifier);
    return encode_base64url({reinterpret_cast<char const*>(digest.data()), digest.size()}) == challenge;
}

}  // namespace

std::string token_office::random(std::size_t bytes)
{
    constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    std::random_device source;
    std::string text;
    while (text.size() < bytes)
        text += letters[source() % letters.size()];
    handed_out_.push_back(text);
    return text;
}

std::string token_office::make_code(
    std::string redirect_url, std::string scopes, std::string challenge, time_point now
)
{
    auto code = random(code_bytes);
    codes_[code] = {std::move(redirect_url), std::move(scopes), std::move(challenge), now};
    return code;
}

issued_tokens token_office::issue(std::string scopes, bool is_client, time_point now)
{
    issued_tokens out;
    out.access_token = random(rules_.access_token_bytes);
    access_[out.access_token] = {scopes, now + rules_.access_life, is_client};
    if (!is_client)
    {
        out.refresh_token = random(refresh_bytes);
        refresh_[out.refresh_token] = {scopes, now, std::nullopt};
    }
    out.scopes = std::move(scopes);
    return out;
}

token_decision token_office::redeem(
    std::string const& code, std::string_view redirect_url, std::string_view verifier, time_point now
)
{
    if (!verifier.empty())
        verifiers_.emplace_back(verifier);
    auto const found = codes_.find(code);
    if (found == codes_.end())
        return no_grant("The specified code is not valid.");
    auto const row = std::move(found->second);
    codes_.erase(found);  // single use, whatever follows
    if (now >= row.made_at + rules_.code_life)
        return no_grant("The specified code has expired.");
    if (row.redirect_url != redirect_url)
        return no_grant("The redirect_uri is not that of the authorization request.");
    if (!row.challenge.empty() && !fits(verifier, row.challenge))
        return no_grant("The code_verifier does not match the code_challenge.");
    return issue(row.scopes, false, now);
}

token_decision token_office::refresh(std::string const& refresh_token, time_point now)
{
    auto const found = refresh_.find(refresh_token);
    if (found == refresh_.end())
        return no_grant("The specified refresh_token is not valid.");
    auto& row = found->second;
    bool const is_late = row.used_at ? now >= *row.used_at + rules_.refresh_grace
                                     : now >= row.made_at + rules_.refresh_idle_life;
    if (is_late)
        return no_grant("The specified refresh_token has expired.");
    if (!row.used_at)
        row.used_at = now;
    return issue(row.scopes, false, now);
}

token_decision token_office::grant_to_client(std::string scopes, time_point now)
{
    return issue(std::move(scopes), true, now);
}

token_office::access token_office::look_up(std::string const& access_token, time_point now) const
{
    access out;
    auto const found = access_.find(access_token);
    if (found == access_.end())
        return out;
    out.state = now < found->second.expires_at ? access_state::good : access_state::expired;
    out.scopes = found->second.scopes;
    out.is_client = found->second.is_client;
    return out;
}

void token_office::revoke(std::string const& token)
{
    access_.erase(token);
    refresh_.erase(token);
}

void token_office::revoke_all()
{
    codes_.clear();
    access_.clear();
    refresh_.clear();
}

void token_office::spoil_access_tokens()
{
    access_.clear();
}

}  // namespace linkspan::test
