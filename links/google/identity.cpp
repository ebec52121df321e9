#include "links/google/identity.hpp"

#include "links/net/rest.hpp"

#include <array>
#include <charconv>

namespace linkspan::google
{
namespace
{

constexpr std::array known = {api_url_field};

// Seconds since 1970, which Google writes as text.
std::optional<time_point> moment_at(boost::json::value const& of, std::string_view pointer)
{
    auto const text = text_at(of, pointer);
    std::int64_t number = 0;
    auto const [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    constexpr std::int64_t last = 253'402'300'799;  // the end of the year 9999
    if (failure != std::errc() || end != text.data() + text.size() || number <= 0 || number > last)
        return std::nullopt;
    return from_milliseconds(number * 1000);
}

// What Google says of a token is 400 and "invalid_token", not 401.
error judged(error why)
{
    if (why.code == errc::invalid)
        why.code = errc::unauthorized;
    return why;
}

}  // namespace

boost::asio::awaitable<result<link_identity>> ask_token(
    link_services& services, link_fields fields, std::string credential
)
{
    auto const url = checked_base_url("api_url", value_of(fields, known, "api_url"));
    if (!url)
        co_return url.error();
    secret const token{std::string(value_of(fields, {}, "access_token"))};
    std::vector<http_header> headers{bearer(token.reveal())};
    auto const person =
        co_await rest_get(services.http, *url + "userinfo", std::move(headers), services.request_timeout);
    if (!person)
        co_return person.error();
    auto const id = text_at(person->body, "/sub");
    if (id.empty())
        co_return error(
            errc::not_found, "the answer is none of Google's: api_url is not the address of its userinfo"
        );
    http_request request("POST", *url + "tokeninfo");
    request.headers.push_back({"Content-Type", "application/x-www-form-urlencoded"});
    request.headers.push_back({"Accept", "application/json"});
    request.body = "access_token=" + url_encoded(token.reveal());
    request.secrets.emplace_back(token.reveal());
    auto const info = co_await rest_call(services.http, std::move(request), services.request_timeout);
    if (!info)
        co_return judged(info.error());
    auto const name = text_at(person->body, "/name");
    auto const address = text_at(person->body, "/email");
    link_identity out;
    out.account = name.empty() || address.empty() ? name + address : name + " (" + address + ")";
    if (out.account.empty())
        out.account = "account " + id;
    out.credential = std::move(credential);
    if (auto scopes = text_at(info->body, "/scope"); !scopes.empty())
        out.scopes = std::move(scopes);
    out.expires_at = moment_at(info->body, "/exp");
    out.service_time = date_of(info->raw);
    out.add_fact("id", id);
    out.add_fact("name", name);
    out.add_fact("email", address);
    out.add_fact("domain", text_at(person->body, "/hd"));
    out.add_fact("client_id", text_at(info->body, "/azp"));
    co_return out;
}

}  // namespace linkspan::google
