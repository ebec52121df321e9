#pragma once
#include "core/base/time.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace linkspan::test
{

// How a provider issues tokens.
struct office_rules
{
    seconds code_life{600};
    seconds access_life{7200};
    seconds refresh_grace{600};                   // after its first use a refresh token still works this long
    seconds refresh_idle_life{90LL * 24 * 3600};  // an unused one
    std::size_t access_token_bytes = 88;
};

struct issued_tokens
{
    std::string access_token;
    std::string refresh_token;  // empty: none
    std::string scopes;
};

struct token_refusal
{
    std::string code;  // RFC 6749, 5.2
    std::string description;
};

using token_decision = std::variant<issued_tokens, token_refusal>;

// The books of an OAuth provider: codes, access tokens, and refresh tokens that rotate. Decides only; the
// time is told each time. Not thread-safe.
class token_office
{
public:
    explicit token_office(office_rules rules) : rules_(rules) {}

    // After consent. challenge: PKCE's S256, or empty.
    std::string make_code(
        std::string redirect_url, std::string scopes, std::string challenge, time_point now
    );

    // Each answers with a new pair or says why not.
    token_decision redeem(
        std::string const& code, std::string_view redirect_url, std::string_view verifier, time_point now
    );
    token_decision refresh(std::string const& refresh_token, time_point now);
    token_decision grant_to_client(std::string scopes, time_point now);

    enum class access_state
    {
        good,
        expired,
        unknown,
    };
    struct access
    {
        access_state state = access_state::unknown;
        std::string scopes;
        bool is_client = false;  // of a client-credentials grant
    };
    access look_up(std::string const& access_token, time_point now) const;

    void revoke(std::string const& token);  // an access or a refresh token
    void revoke_all();                      // as a person does at the service's own page
    void spoil_access_tokens();             // the access tokens alone

    // Every code and token that was ever handed out: none of them may be found anywhere.
    std::vector<std::string> const& handed_out() const { return handed_out_; }
    std::vector<std::string> const& verifiers() const { return verifiers_; }  // as clients showed them

private:
    struct code_row
    {
        std::string redirect_url;
        std::string scopes;
        std::string challenge;
        time_point made_at;
    };
    struct access_row
    {
        std::string scopes;
        time_point expires_at;
        bool is_client = false;
    };
    struct refresh_row
    {
        std::string scopes;
        time_point made_at;
        std::optional<time_point> used_at;
    };

    std::string random(std::size_t bytes);
    issued_tokens issue(std::string scopes, bool is_client, time_point now);

    office_rules rules_;
    std::map<std::string, code_row> codes_;
    std::map<std::string, access_row> access_;
    std::map<std::string, refresh_row> refresh_;
    std::vector<std::string> handed_out_;
    std::vector<std::string> verifiers_;
};

}  // namespace linkspan::test
