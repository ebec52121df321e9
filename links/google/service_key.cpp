#include "links/google/service_key.hpp"

#include "links/net/jwt.hpp"
#include "links/net/rest.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>

namespace linkspan::google
{
namespace
{

namespace json = boost::json;

constexpr std::string_view scope_always = "https://www.googleapis.com/auth/userinfo.email";
constexpr std::string_view grant_type = "urn:ietf:params:oauth:grant-type:jwt-bearer";

error no_key(std::string why)
{
    return {
        errc::invalid,
        "key must be the JSON key file of a service account, as in key=@key.json: " + std::move(why)};
}

std::string_view member(json::object const& object, std::string_view name)
{
    auto const* const found = object.if_contains(name);
    return found == nullptr || !found->is_string() ? std::string_view()
                                                   : std::string_view(found->get_string());
}

result<std::string> assertion_of(service_key const& key, link_fields const& fields, time_point now)
{
    auto const begin = std::chrono::floor<seconds>(now.time_since_epoch()).count();
    json::object header;
    header["alg"] = "RS256";
    header["typ"] = "JWT";
    if (!key.key_id.empty())
        header["kid"] = key.key_id;
    json::object claims;
    claims["iss"] = key.client_email;
    claims["scope"] = scopes_asked(fields);
    claims["aud"] = key.token_uri;
    claims["iat"] = begin;
    claims["exp"] = begin + assertion_life.count();
    if (auto const subject = value_of(fields, {}, "subject"); !subject.empty())
        claims["sub"] = std::string(subject);
    return sign_rs256(key.private_key, json::serialize(header), json::serialize(claims));
}

}  // namespace

std::string scopes_asked(link_fields const& fields)
{
    std::string out(scope_always);
    auto rest = value_of(fields, {}, "scopes");
    while (!rest.empty())
    {
        auto const end = std::min(rest.find_first_of(" ,\t\r\n"), rest.size());
        if (auto const scope = rest.substr(0, end); !scope.empty() && scope != scope_always)
            out.append(" ").append(scope);
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return out;
}

result<service_key> read_service_key(std::string_view text)
{
    if (text.size() > service_key_bytes_max)
        return no_key("it is too long");
    boost::system::error_code failure;
    auto const value = json::parse(text, failure);
    auto const* const object = failure ? nullptr : value.if_object();
    if (object == nullptr)
        return no_key("this is no JSON object");
    if (auto const type = member(*object, "type"); type != "service_account")
        return no_key("its type is not service_account");
    service_key out;
    for (std::string_view const name : {"client_email", "private_key", "token_uri"})
        if (member(*object, name).empty())
            return no_key("it has no " + std::string(name));
    out.client_email = member(*object, "client_email");
    out.project_id = member(*object, "project_id");
    out.key_id = member(*object, "private_key_id");
    out.token_uri = member(*object, "token_uri");
    out.private_key = secret(std::string(member(*object, "private_key")));
    // It gets a signed proof, and what comes back is a token.
    if (auto const fit = checked_base_url("its token_uri", out.token_uri); !fit)
        return no_key(fit.error().message);
    if (auto const fit = check_rs256_key(out.private_key); !fit)
        return no_key("its private_key: " + fit.error().message);
    return out;
}

boost::asio::awaitable<token_answer> obtain_service_token(link_services& services, link_fields fields)
{
    auto const now = services.now();
    auto const key = read_service_key(value_of(fields, {}, "key"));
    if (!key)
        co_return token_answer(token_fate::misused, key.error().message);
    auto const assertion = assertion_of(*key, fields, now);
    if (!assertion)
        co_return token_answer(token_fate::misused, assertion.error().message);
    http_request request("POST", key->token_uri);
    request.headers.push_back({"Content-Type", "application/x-www-form-urlencoded"});
    request.headers.push_back({"Accept", "application/json"});
    request.body = "grant_type=" + url_encoded(grant_type) + "&assertion=" + *assertion;
    exchange_options options;
    options.timeout = services.request_timeout;
    options.response_bytes_max = token_answer_bytes_max;
    auto const ended = co_await services.http.send(std::move(request), options);
    auto out = oauth::read_exchange(ended, token_dialect::standard, now);
    if (out.fate == token_fate::refused)
        out.fate = token_fate::misused;
    if (out.fate == token_fate::unknown)
        out.fate = token_fate::unavailable;
    if (out.fate == token_fate::granted && out.tokens.scopes.empty())
        out.tokens.scopes = scopes_asked(fields);
    if (out.fate == token_fate::granted && !key->project_id.empty())
        out.tokens.facts["project_id"] = key->project_id;
    co_return out;
}

}  // namespace linkspan::google
