// The pages where a person consents, and the token endpoint.
#include "links/net/base64.hpp"
#include "tests/simulators/oauth_provider_page.hpp"

#include <boost/json/object.hpp>

#include <algorithm>

namespace linkspan::test
{
namespace
{

namespace json = boost::json;

// What a consent page carries from the question to the answer.
constexpr std::string_view carried[] = {
    "client_id",
    "redirect_uri",
    "response_type",
    "scope",
    "state",
    "code_challenge",
    "code_challenge_method"};

http_response misconfigured(std::string_view why)
{
    return html_page(
        400, why, "<p>This integration is misconfigured. Contact the vendor for assistance.</p>"
    );
}

http_response refusal(int status, std::string_view code, std::string_view description)
{
    return json_page(status, {{"error_description", description}, {"error", code}});
}

bool has_every(std::string_view wanted, std::string_view known)
{
    auto const list = " " + std::string(known) + " ";
    while (!wanted.empty())
    {
        auto const one = wanted.substr(0, wanted.find(' '));
        if (!one.empty() && list.find(" " + std::string(one) + " ") == list.npos)
            return false;
        wanted.remove_prefix(std::min(one.size() + 1, wanted.size()));
    }
    return true;
}

}  // namespace

// Nobody is sent to a URL before it is known to be the client's own (RFC 6749, 4.1.2.1).
std::optional<http_response> oauth_provider::fault_of_authorization(page const& asked) const
{
    auto const& fields = asked.call == provider_call::consent ? asked.form : asked.query;
    auto const redirect = value_of(fields, "redirect_uri");
    auto const back = redirect.empty() ? settings_.callback_url : redirect;
    if (value_of(fields, "client_id") != settings_.client_id)
        return misconfigured("Invalid client_id");
    bool const is_own = settings_.kind == provider_kind::cloud ? back.starts_with(settings_.callback_url)
                                                               : back == settings_.callback_url;
    if (!is_own)
        return misconfigured("Invalid redirect_uri");
    if (!settings_.allows_http_redirect && !back.starts_with("https://"))
        return misconfigured("The redirect URL must use HTTPS");
    std::string query;
    if (value_of(fields, "response_type") != "code")
        add_field(query, "error", "unsupported_response_type");
    else if (!has_every(value_of(fields, "scope"), settings_.scopes))
        add_field(query, "error", "invalid_scope");
    else if (!value_of(fields, "code_challenge").empty() && value_of(fields, "code_challenge_method") != "S256")
        add_field(query, "error", "invalid_request");
    if (query.empty())
        return std::nullopt;
    add_field(query, "error_description", "The authorization request is refused.");
    add_field(query, "state", value_of(fields, "state"));
    return redirect_to(back, query);
}

http_response oauth_provider::show_consent(page const& asked)
{
    std::lock_guard const lock(mutex_);
    if (auto fault = fault_of_authorization(asked))
        return *fault;
    std::string body =
        "<p>Linkspan wants to use the account of Ada Example.</p><form method=\"post\" action=\"" +
        escaped(asked.path) + "\">";
    for (auto const name : carried)
        if (auto const value = value_of(asked.query, name); !value.empty())
            body +=
                "<input type=\"hidden\" name=\"" + std::string(name) + "\" value=\"" + escaped(value) + "\">";
    body +=
        "<button type=\"submit\" name=\"answer\" value=\"grant\" id=\"grant\">Grant access</button>"
        "<button type=\"submit\" name=\"answer\" value=\"cancel\" id=\"cancel\">Cancel</button></form>";
    return html_page(200, "Confirm access to your account", body);
}

http_response oauth_provider::take_consent(page const& asked)
{
    auto const moment = now();
    std::lock_guard const lock(mutex_);
    if (auto fault = fault_of_authorization(asked))
        return *fault;
    auto const& form = asked.form;
    auto redirect = value_of(form, "redirect_uri");
    auto const back = redirect.empty() ? settings_.callback_url : redirect;
    std::string query;
    if (value_of(form, "answer") == "grant")
    {
        // Cloud grants what the consumer has, whatever is asked for.
        auto scopes = settings_.kind == provider_kind::cloud ? settings_.scopes : value_of(form, "scope");
        add_field(
            query,
            "code",
            office_.make_code(
                std::move(redirect), std::move(scopes), value_of(form, "code_challenge"), moment
            )
        );
    }
    else
    {
        add_field(query, "error", "access_denied");
        add_field(
            query, "error_description", "The resource owner or authorization server denied the request"
        );
    }
    if (auto const state = value_of(form, "state"); !state.empty())
        add_field(query, "state", state);
    return redirect_to(back, query);
}

// Cloud wants both parts in the header, Data Center in the form.
bool oauth_provider::is_client(page const& asked) const
{
    auto const header = find_header(asked.request.headers, "Authorization");
    if (settings_.kind == provider_kind::data_center)
        return header.empty() && value_of(asked.form, "client_id") == settings_.client_id &&
               value_of(asked.form, "client_secret") == settings_.client_secret;
    if (!header.starts_with("Basic ") || !value_of(asked.form, "client_secret").empty())
        return false;
    auto const both = decode_base64(header.substr(6));
    auto const colon = both ? both->find(':') : std::string::npos;
    if (colon == std::string::npos)
        return false;
    // RFC 6749, 2.3.1: each part is form-encoded first.
    auto const id = decode_form("id=" + both->substr(0, colon));
    auto const word = decode_form("word=" + both->substr(colon + 1));
    return id && word && id->front().value == settings_.client_id &&
           word->front().value == settings_.client_secret;
}

http_response oauth_provider::give_tokens(page const& asked)
{
    auto const moment = now();
    std::lock_guard const lock(mutex_);
    bool const is_cloud = settings_.kind == provider_kind::cloud;
    if (asked.request.method != "POST")
        return refusal(405, "invalid_request", "Only POST is allowed.");
    if (!is_client(asked))
        return is_cloud ? refusal(400, "unauthorized_client", "Invalid OAuth client credentials")
                        : refusal(401, "invalid_client", "Client authentication failed");
    token_decision decided = token_refusal{"unsupported_grant_type", "Unsupported grant type"};
    if (asked.call == provider_call::exchange)
        decided = office_.redeem(
            value_of(asked.form, "code"),
            value_of(asked.form, "redirect_uri"),
            value_of(asked.form, "code_verifier"),
            moment
        );
    else if (asked.call == provider_call::refresh)
        decided = office_.refresh(value_of(asked.form, "refresh_token"), moment);
    else if (asked.call == provider_call::client_credentials && is_cloud)
        decided = office_.grant_to_client(settings_.scopes, moment);
    if (auto const* const refused = std::get_if<token_refusal>(&decided))
        return refusal(400, refused->code, refused->description);

    auto const& issued = std::get<issued_tokens>(decided);
    json::object body{
        {"access_token", issued.access_token},
        {"token_type", is_cloud ? "bearer" : "Bearer"},
        {"expires_in", settings_.rules.access_life.count()},
        {"scope", issued.scopes}};
    if (is_cloud)
        body["state"] = value_of(asked.form, "grant_type");
    else
        body["created_at"] = to_milliseconds(moment) / 1000;
    if (!issued.refresh_token.empty())
        body["refresh_token"] = issued.refresh_token;
    return json_page(200, body);
}

}  // namespace linkspan::test
