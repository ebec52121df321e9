#include "links/slack/identity.hpp"

#include "links/net/rest.hpp"
#include "links/slack/api.hpp"

#include <algorithm>

namespace linkspan::slack
{
namespace
{

// "chat:write,users:read" as scopes stand elsewhere: separated by blanks.
std::string blank_separated(std::string_view scopes)
{
    std::string out(scopes);
    std::ranges::replace(out, ',', ' ');
    return out;
}

boost::asio::awaitable<result<rest_answer>> call(
    link_services& services, std::string_view method, std::string url, std::string_view token
)
{
    http_request request(std::string(method), std::move(url));
    request.headers.push_back(bearer(token));
    request.headers.push_back({"Accept", "application/json"});
    auto answer = co_await rest_call(services.http, std::move(request), services.request_timeout);
    if (!answer)
        co_return answer.error();
    auto const* const body = answer->body.if_object();
    auto const* const ok = body == nullptr ? nullptr : body->if_contains("ok");
    if (ok == nullptr || !ok->is_bool())
        co_return error(
            errc::not_found,
            "an answer that is none of Slack's: check api_url, and whether a proxy answers in its place"
        );
    if (!ok->get_bool())
        co_return refusal_of(*body);
    co_return std::move(*answer);
}

void put(link_identity& into, std::string_view fact, std::string text)
{
    if (!text.empty())
        into.facts.emplace(fact, std::move(text));
}

link_identity read_test(rest_answer const& said)
{
    link_identity who;
    auto const user = text_at(said.body, "/user");
    auto const team = text_at(said.body, "/team");
    auto const bot = text_at(said.body, "/bot_id");
    who.account = user + (team.empty() ? "" : " in " + team);
    who.credential = bot.empty() ? "user token" : "bot token";
    if (auto const scopes = find_header(said.raw.headers, "X-OAuth-Scopes"); !scopes.empty())
        who.scopes = blank_separated(scopes);
    who.service_time = date_of(said.raw);
    put(who, "bot_id", bot);
    put(who, "enterprise_id", text_at(said.body, "/enterprise_id"));
    put(who, "team", team);
    put(who, "team_id", text_at(said.body, "/team_id"));
    put(who, "user", user);
    put(who, "user_id", text_at(said.body, "/user_id"));
    put(who, "url", text_at(said.body, "/url"));
    return who;
}

}  // namespace

boost::asio::awaitable<result<link_identity>> ask_identity(
    link_services& services, std::string api_url, secret token
)
{
    auto const said = co_await call(services, "POST", api_url + "auth.test", token.reveal());
    if (!said)
        co_return said.error();
    auto who = read_test(*said);
    auto const bot = who.facts.find("bot_id");
    if (bot == who.facts.end())
        co_return who;
    auto const url = api_url + "bots.info?bot=" + url_encoded(bot->second);
    auto const app = co_await call(services, "GET", url, token.reveal());
    // It needs a scope that posting does not: without it the app stays unknown, and the link is fine.
    if (!app)
        co_return who;
    put(who, "app_id", text_at(app->body, "/bot/app_id"));
    put(who, "app", text_at(app->body, "/bot/name"));
    co_return who;
}

boost::asio::awaitable<result<std::string>> ask_connection(
    link_services& services, std::string api_url, secret app_token
)
{
    auto const said = co_await call(services, "POST", api_url + "apps.connections.open", app_token.reveal());
    if (!said)
        co_return error(said.error().code, "app_token: " + said.error().message);
    co_return blank_separated(find_header(said->raw.headers, "X-OAuth-Scopes"));
}

boost::asio::awaitable<result<>> revoke_token(link_services& services, std::string api_url, secret token)
{
    auto const said = co_await call(services, "POST", api_url + "auth.revoke", token.reveal());
    if (!said)
        co_return said.error();
    co_return result<>();
}

}  // namespace linkspan::slack
