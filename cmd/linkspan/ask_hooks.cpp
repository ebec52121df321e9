#include "cmd/linkspan/ask_hooks.hpp"

#include "core/base/utf8.hpp"
#include "links/bitbucket/data_center_rest.hpp"
#include "links/bitbucket/hooks.hpp"

#include <algorithm>
#include <utility>

namespace linkspan
{
namespace
{

namespace asio = boost::asio;

// Whether a hook calls the link that receives the source's webhooks, at whatever address Linkspan is reached.
bool calls(std::string_view url, polled_source const& source)
{
    auto const path = url.substr(0, url.find_first_of("?#"));
    return std::ranges::any_of(
        source.webhook_names, [&](std::string const& name) { return path.ends_with("/webhook/" + name); }
    );
}

std::string failures_of(hook_record const& told)
{
    auto const number = told.failures.value_or(0);
    return number == 1 ? "one delivery failed" : std::to_string(number) + " deliveries failed";
}

std::string why_of(hook_health health, hook_record const& told)
{
    switch (health)
    {
        case hook_health::answered:
            return "its last delivery was taken; see whether it has all triggers";
        case hook_health::failing:
            return failures_of(told) + ", the last among them; after five in a row Bitbucket skips it";
        case hook_health::skipped:
            return failures_of(told) +
                   ", the last among them: Bitbucket is likely to skip it for up to ten hours; see that its "
                   "URL "
                   "answers, then save it anew";
        case hook_health::inactive:
            return "it is switched off";
        case hook_health::missing:
        case hook_health::unknown:
            break;
    }
    return "Bitbucket tells nothing of its deliveries";
}

hook_verdict verdict_of(polled_source const& source, bitbucket::listing const& said)
{
    std::optional<hook_verdict> out;
    for (auto const& hook : bitbucket::data_center::read_hooks(said.values))
    {
        if (!calls(hook.url, source))
            continue;
        auto const health = health_of(hook.record);
        // Of two that call the same link one may be an old one, switched off.
        if (!out || out->health == hook_health::inactive)
            out = hook_verdict(health, why_of(health, hook.record));
    }
    if (out)
        return *out;
    if (!said.is_whole())
        return {hook_health::unknown, single_line(said.why.message, 300)};
    return {
        hook_health::missing,
        "no webhook of the repository calls this link; one of its project is not shown there"};
}

std::string why_unasked(polled_source const& source, api_reply const& said)
{
    if (said.is_held())
        return "the budget has no room before " + to_rfc3339(*said.held_until);
    if (said.missing_scope == bitbucket::data_center::webhook_permission)
        return "reading webhooks needs the permission " + said.missing_scope + ", which link " +
               source.link.name.value_or(source.link.id.value) + " has not";
    return single_line(said.why.message, 300);
}

asio::awaitable<result<std::vector<hook_verdict>>> ask_all(
    api_asker& asker, std::vector<suspect_hook> suspects
)
{
    std::vector<hook_verdict> out;
    for (auto const& one : suspects)
    {
        auto known = verdict_without_asking(one);
        if (known)
        {
            out.push_back(std::move(*known));
            continue;
        }
        auto const place = place_of(one.full_name).value_or(bitbucket::repository_place());
        api_question question(api_topic::webhooks, place);
        auto const said = co_await asker.ask(one.source.link, priority::person, std::move(question));
        bool const is_shown = !said.is_held() && (said.is_whole() || !said.values.empty());
        if (is_shown)
            out.push_back(verdict_of(one.source, said));
        else
            out.emplace_back(hook_health::unknown, why_unasked(one.source, said));
    }
    co_return out;
}

}  // namespace

std::optional<hook_verdict> verdict_without_asking(suspect_hook const& of)
{
    if (of.source.edition == edition::cloud)
        return hook_verdict(
            hook_health::unknown,
            "Bitbucket Cloud's API tells nothing of deliveries; see the request history of the hook"
        );
    if (of.source.webhook_names.empty())
        return hook_verdict(
            hook_health::unknown, "source \"" + of.source.name + "\" names no webhook link that is there"
        );
    return std::nullopt;
}

std::vector<hook_verdict> ask_hooks(asking_command& with, std::vector<suspect_hook> suspects)
{
    auto const wanted = suspects.size();
    if (suspects.size() > hooks_asked_max)
        suspects.resize(hooks_asked_max);
    auto const asked = suspects.size();
    auto told = with.loop().run<std::vector<hook_verdict>>(ask_all(with.asker(), std::move(suspects)));
    auto out = told ? std::move(*told)
                    : std::vector<hook_verdict>(asked, {hook_health::unknown, told.error().message});
    out.resize(wanted, {hook_health::unknown, "not asked: give a narrower --repository"});
    return out;
}

}  // namespace linkspan
