#include "links/link.hpp"

#include <boost/url/parse.hpp>

#include <algorithm>
#include <vector>

namespace linkspan
{
namespace
{

bool is_loopback(boost::urls::url_view const& url)
{
    if (url.host_type() == boost::urls::host_type::ipv4)
        return url.host_ipv4_address().is_loopback();
    if (url.host_type() == boost::urls::host_type::ipv6)
        return url.host_ipv6_address().is_loopback();
    return url.host() == "localhost";
}

// https, or http to this machine; Boost.URL 1.81 takes "127.0.0.1.example.com" for the address 127.0.0.1 and
// a path that begins with a dot.
result<> check_url(std::string_view field, boost::system::result<boost::urls::url_view> const& url)
{
    bool const whole_host = url && (url->encoded_path().empty() || url->encoded_path().starts_with('/'));
    if (!url || url->host().empty() || !whole_host)
        return error(
            errc::invalid, std::string(field) + " must be a URL, as in https://service.example.com/"
        );
    if (url->scheme() != "https" && !(url->scheme() == "http" && is_loopback(*url)))
        return error(
            errc::invalid, std::string(field) + " must begin with https:// (http:// only on this machine)"
        );
    if (url->has_userinfo() || url->has_fragment())
        return error(errc::invalid, std::string(field) + " must be a URL without user and #");
    return {};
}

// The URL of a profile, or the one that the link's own field gives in its place.
result<std::string> endpoint_of(
    std::string_view own_field,
    std::string_view of_profile,
    link_template const& kind,
    link_fields const& fields
)
{
    auto const own = value_of(fields, kind.fields, own_field);
    auto text = own.empty() ? filled_in(of_profile, fields, kind.fields) : std::string(own);
    if (text.empty())
        return text;
    if (auto const fit = check_url(own_field, boost::urls::parse_uri(text)); !fit)
        return fit.error();
    return text;
}

// The scopes of the profile and of the link, each once, in order.
std::string joined_scopes(std::string_view always, std::string_view own, char separator)
{
    std::vector<std::string> all;
    for (auto text : {always, own})
        while (!text.empty())
        {
            auto const end = std::min(text.find_first_of(" ,\t\r\n"), text.size());
            if (end != 0)
                all.emplace_back(text.substr(0, end));
            text.remove_prefix(std::min(end + 1, text.size()));
        }
    std::ranges::sort(all);
    auto const rest = std::ranges::unique(all);
    all.erase(rest.begin(), rest.end());
    std::string out;
    for (auto const& scope : all)
        out += (out.empty() ? std::string() : std::string(1, separator)) + scope;
    return out;
}

// How a service of which no profile knows takes its clients.
result<> own_manners(link_template const& kind, link_fields const& fields, oauth::client& out)
{
    auto const proof = value_of(fields, kind.fields, "client_proof");
    if (!proof.empty() && proof != "basic" && proof != "body")
        return error(errc::invalid, "client_proof must be basic or body");
    if (!proof.empty())
        out.proof = proof == "body" ? oauth::client_proof::body : oauth::client_proof::basic;
    auto const pkce = value_of(fields, kind.fields, "pkce");
    if (!pkce.empty() && pkce != "yes" && pkce != "no")
        return error(errc::invalid, "pkce must be yes or no");
    if (!pkce.empty())
        out.pkce = pkce == "yes";
    return {};
}

}  // namespace

time_point system_now()
{
    return std::chrono::floor<milliseconds>(std::chrono::system_clock::now());
}

std::string_view value_of(link_fields const& fields, std::span<link_field const> known, std::string_view name)
{
    if (auto const found = fields.find(name); found != fields.end() && !found->second.empty())
        return found->second.reveal();
    for (auto const& field : known)
        if (field.name == name)
            return field.default_value;
    return {};
}

std::string filled_in(std::string_view text, link_fields const& fields, std::span<link_field const> known)
{
    std::string out;
    while (!text.empty())
    {
        auto const open = text.find('{');
        auto const close = open == text.npos ? open : text.find('}', open);
        out += text.substr(0, close == text.npos ? text.npos : open);
        if (close == text.npos)
            break;
        auto value = value_of(fields, known, text.substr(open + 1, close - open - 1));
        while (value.ends_with('/'))
            value.remove_suffix(1);
        out += value;
        text.remove_prefix(close + 1);
    }
    return out;
}

result<oauth::client> oauth_client_of(link_template const& kind, link_fields const& fields)
{
    if (kind.oauth == nullptr)
        return error(
            errc::invalid, "links of the template " + std::string(kind.name) + " have no OAuth consumer"
        );
    auto const& profile = *kind.oauth;
    oauth::client out;
    auto const is_missing = [&](std::string_view field)
    {
        return error(
            errc::invalid,
            "the link has no " + std::string(field) + "; give it with linkspan set-creds, or update-link"
        );
    };
    auto const page =
        profile.authorize_url_for == nullptr ? profile.authorize_url : profile.authorize_url_for(fields);
    auto authorize = endpoint_of("auth_url", page, kind, fields);
    if (!authorize)
        return authorize.error();
    auto token = endpoint_of("token_url", profile.token_url, kind, fields);
    if (!token)
        return token.error();
    auto revoke = endpoint_of("revoke_url", profile.revoke_url, kind, fields);
    if (!revoke)
        return revoke.error();
    bool const by_person = profile.grant == grant_kind::authorization_code;
    if (by_person && authorize->empty())
        return is_missing("auth_url");
    if (profile.obtain == nullptr && token->empty())
        return is_missing("token_url");
    out.authorize_url = std::move(*authorize);
    out.token_url = std::move(*token);
    out.revoke_url = std::move(*revoke);
    out.client_id = std::string(value_of(fields, kind.fields, "client_id"));
    out.client_secret = secret(std::string(value_of(fields, kind.fields, "client_secret")));
    if (profile.obtain == nullptr && out.client_id.empty())
        return is_missing("client_id");
    out.proof = profile.proof;
    out.dialect = profile.dialect;
    out.scopes =
        joined_scopes(profile.scopes, value_of(fields, kind.fields, "scopes"), profile.scope_separator);
    out.authorize_params = std::string(profile.authorize_params);
    if (auto const own = value_of(fields, kind.fields, "authorize_params"); !own.empty())
        out.authorize_params += (out.authorize_params.empty() ? "" : "&") + std::string(own);
    out.pkce = profile.pkce;
    if (auto const own = own_manners(kind, fields, out); !own)
        return own.error();
    return out;
}

result<std::string> checked_base_url(std::string_view field, std::string_view url)
{
    auto const parsed = boost::urls::parse_uri(url);
    if (auto const fit = check_url(field, parsed); !fit)
        return fit.error();
    if (parsed->has_query())
        return error(errc::invalid, std::string(field) + " must be a plain base URL, without ?");
    std::string base(url);
    while (base.ends_with("//"))
        base.pop_back();
    if (!base.ends_with('/'))
        base += '/';
    return base;
}

result<> check_base_url(std::string_view field, std::string_view url)
{
    if (url.empty())
        return {};
    auto const base = checked_base_url(field, url);
    return base ? result<>() : base.error();
}

result<> check_secret_url(std::string_view field, std::string_view url)
{
    return url.empty() ? result<>() : check_url(field, boost::urls::parse_uri(url));
}

result<> check_token(std::string_view field, std::string_view value, std::string_view begin)
{
    if (value.empty())
        return {};
    auto const name = std::string(field);
    for (char const c : value)
        if (c <= ' ' || c > '~')
            return error(
                errc::invalid,
                name + " has white space or other characters that it cannot have: copy it again"
            );
    if (!value.starts_with(begin) || (!begin.empty() && value.size() == begin.size()))
        return error(errc::invalid, name + " must begin with " + std::string(begin));
    return {};
}

result<> check_client(link_template const& kind, link_fields const& fields)
{
    for (std::string_view const field : {"client_id", "client_secret"})
        if (auto const fit = check_token(field, value_of(fields, {}, field)); !fit)
            return fit;
    for (std::string_view const field : {"auth_url", "token_url", "revoke_url"})
        if (auto const fit = check_secret_url(field, value_of(fields, {}, field)); !fit)
            return fit;
    oauth::client manners;
    return own_manners(kind, fields, manners);
}

result<> check_webhook_secret(link_fields const& fields)
{
    auto const secret = value_of(fields, {}, "webhook_secret");
    constexpr std::string_view blank = " \t\r\n";
    if (!secret.empty() &&
        (blank.find(secret.front()) != blank.npos || blank.find(secret.back()) != blank.npos))
        return error(errc::invalid, "webhook_secret begins or ends with white space: give it without");
    return {};
}

}  // namespace linkspan
