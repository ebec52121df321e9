#include "cmd/linkspan/link_doctor.hpp"

#include "cmd/linkspan/granted_scopes.hpp"
#include "cmd/linkspan/link_kinds.hpp"
#include "cmd/linkspan/link_state.hpp"
#include "core/base/text.hpp"

#include <algorithm>

namespace linkspan
{
namespace
{

using lines = std::vector<diagnosis>;

diagnosis fault(errc code, std::string subject, std::string message, std::string advice = {})
{
    diagnosis out(diagnosis_kind::fault, std::move(subject), std::move(message), std::move(advice));
    out.code = code;
    return out;
}

void judge_stored(link_evidence const& of, lines& into)
{
    auto const& name = name_of(of.row);
    if (of.fields_failure)
        into.push_back(fault(
            of.fields_failure->code,
            "fields",
            of.fields_failure->message,
            "restore the master key, or set all fields again: linkspan set-creds " + name
        ));
    else if (auto const missing = missing_fields(*of.kind, of.row); !missing.empty())
        into.push_back(
            fault(errc::invalid, "fields", "missing: " + joined(missing, ", "), "linkspan set-creds " + name)
        );
    else if (auto const judged = judge_fields(*of.kind, of.fields); !judged)
        into.push_back(fault(judged.error().code, "fields", judged.error().message));
    else
        into.emplace_back(diagnosis_kind::ok, "fields", "all that is required is set, and opens");
    // Where the fields do not open, the line above says why: the key may be missing.
    if (of.key && !of.fields_failure)
        into.emplace_back(diagnosis_kind::ok, "master key", "lives in " + of.key->origin);
    if (!of.kind->receives)
        return;
    auto const url = (of.public_url.empty() ? "<public_url>" : of.public_url) + "/webhook/" + of.row.id.value;
    if (!has_proof(of.row))
        into.emplace_back(
            diagnosis_kind::warning,
            "webhook",
            "takes nothing until webhook_secret is set",
            "linkspan set-creds " + name + " --kv webhook_secret"
        );
    else if (of.row.allow_unsigned)
        into.emplace_back(
            diagnosis_kind::warning, "webhook", "takes deliveries without a signature", "set webhook_secret"
        );
    else
        into.emplace_back(diagnosis_kind::ok, "webhook", "signed deliveries are taken at " + url);
}

// How a person gets another credential.
std::string renewal_of(link_evidence const& of)
{
    auto const& name = name_of(of.row);
    return needs_sign_in(*of.kind) ? "linkspan start-oauth " + name
                                   : "make another one at the service, then linkspan set-creds " + name;
}

void judge_grant(link_evidence const& of, time_point now, lines& into)
{
    if (of.kind->oauth == nullptr)
        return;
    auto const& grant = of.grant;
    if (auto const why = fault_of(grant, now); why != grant_fault::none)
        into.push_back(fault(
            errc::unauthorized,
            "grant",
            "needs_reauth: " + reason_of(grant, why),
            why == grant_fault::misused ? remedy_of(why, *of.kind, name_of(of.row)) : renewal_of(of)
        ));
    else if (grant.generation == 0 && needs_sign_in(*of.kind))
        into.push_back(fault(errc::unauthorized, "grant", "nobody has signed in yet", renewal_of(of)));
    else if (of.token_failure)
        into.push_back(fault(of.token_failure->code, "grant", of.token_failure->message));
    else if (grant.failures > 0)
        into.emplace_back(
            diagnosis_kind::warning,
            "grant",
            "the last refresh failed, " + std::to_string(grant.failures) + " in a row: " + grant.last_failure,
            grant.retry_at ? "tried again " + relative_time(*grant.retry_at, now)
                           : "linkspan refresh-link " + name_of(of.row)
        );
    else if (grant.generation != 0)
        into.emplace_back(
            diagnosis_kind::ok,
            "grant",
            "authorized" + (grant.expires_at ? "; the token ends " + relative_time(*grant.expires_at, now)
                                             : std::string("; the token has no end that is known"))
        );
}

// What helps where the service did not say who the link is.
std::string step_behind(errc code, link_evidence const& of)
{
    if (code == errc::unauthorized)
        return renewal_of(of);
    if (code == errc::rate_limited)
        return "it wants to be asked less: try again later";
    auto const look = "linkspan get-link " + name_of(of.row);
    if (code == errc::not_found)
        return "look at the fields of the link: " + look;
    return "try again; if it stays, look at the link's URL (" + look +
           ") and at proxy and ca_bundle in config.toml";
}

void judge_reach(link_evidence const& of, lines& into)
{
    if (of.identity)
    {
        into.emplace_back(
            diagnosis_kind::ok, "service", "answered in " + std::to_string(of.took.count()) + " ms"
        );
        auto const& who = *of.identity;
        if (!who.account.empty())
            into.emplace_back(diagnosis_kind::ok, "account", "acts as " + who.account);
        into.emplace_back(
            diagnosis_kind::ok,
            "credential",
            who.credential.empty() ? std::string(of.kind->title) : who.credential
        );
        return;
    }
    if (of.identity_failure)
    {
        auto const& failure = *of.identity_failure;
        bool const is_refused = failure.code == errc::unauthorized;
        into.push_back(fault(
            failure.code,
            is_refused ? "credential" : "service",
            failure.message,
            step_behind(failure.code, of)
        ));
    }
    else if (of.kind->identify == nullptr)
        into.emplace_back(
            diagnosis_kind::ok,
            "service",
            "cannot be asked anything without a side effect: not tried",
            of.kind->post_test == nullptr
                ? std::string()
                : "linkspan check-link " + name_of(of.row) + " --post posts a test message"
        );
}

// "a|b c" as people read it: "a or b, and c".
std::string choices_of(std::string_view scopes)
{
    std::string out;
    for (auto const& one : scope_list(scopes))
    {
        out += out.empty() ? "" : ", and ";
        for (char const c : one)
            out += c == '|' ? std::string(" or ") : std::string(1, c);
    }
    return out;
}

// A link that names its scopes gets no others, whatever the consumer has.
std::string ask_for_it(link_evidence const& of)
{
    bool const names_scopes = !value_of(of.fields, of.kind->fields, "scopes").empty();
    return names_scopes ? "ask for it (linkspan update-link " + name_of(of.row) + " --scopes ...), " : "";
}

void judge_scopes(link_evidence const& of, lines& into)
{
    if (of.kind->needs.empty() || !of.identity)
        return;
    auto const& said = of.identity->scopes;
    auto const granted = said ? *said : of.grant.scopes;
    if (granted.empty() && !said)
    {
        into.emplace_back(
            diagnosis_kind::ok, "scopes", "the service does not say what it grants: not compared"
        );
        return;
    }
    auto const lacking = lacking_features(*of.kind, granted);
    auto const advice = needs_sign_in(*of.kind)
                            ? "grant it to the consumer, " + ask_for_it(of) + "then " + renewal_of(of)
                            : renewal_of(of);
    for (auto const& need : of.kind->needs)
    {
        auto const is_it = [&](lacking_feature const& one) { return one.feature == need.feature; };
        auto const found = std::ranges::find_if(lacking, is_it);
        auto const feature = std::string(need.feature);
        if (found == lacking.end())
            into.emplace_back(diagnosis_kind::ok, "scopes", feature + ": yes");
        else
            into.emplace_back(
                diagnosis_kind::warning,
                "scopes",
                feature + ": no, it needs " + choices_of(found->scopes),
                advice
            );
    }
}

// Ends that only a person can put off.
void judge_expiry(link_evidence const& of, time_point now, lines& into)
{
    bool const renews = of.kind->oauth != nullptr && (of.grant.has_refresh_token || of.grant.renews_itself);
    auto end = of.identity ? of.identity->expires_at : std::nullopt;
    if (!end && of.kind->oauth != nullptr && of.grant.generation != 0)
        end = of.grant.expires_at;
    if (!end)
    {
        if (of.identity && of.kind->oauth == nullptr && of.fields.contains("api_token"))
            into.emplace_back(
                diagnosis_kind::ok,
                "expiry",
                "the service does not say; API tokens of Atlassian live at most a year"
            );
        return;
    }
    auto const left = *end - now;
    auto const when = relative_time(*end, now);
    if (renews)
        into.emplace_back(diagnosis_kind::ok, "expiry", "renewed by itself before its end (" + when + ")");
    else if (left <= milliseconds(0))
        into.push_back(
            fault(errc::unauthorized, "expiry", "the credential has ended, " + when, renewal_of(of))
        );
    else if (left < expiry_warning)
        into.emplace_back(diagnosis_kind::warning, "expiry", "the credential ends " + when, renewal_of(of));
    else
        into.emplace_back(diagnosis_kind::ok, "expiry", "the credential ends " + when);
}

void judge_clock(link_evidence const& of, lines& into)
{
    if (!of.identity || !of.identity->service_time)
        return;
    // The service's date has no fractions, and was written about half-way.
    auto const ours = of.heard_at - of.took / 2;
    auto const ahead = ours - (*of.identity->service_time + milliseconds(500));
    auto const distance = ahead < milliseconds(0) ? milliseconds(-ahead) : milliseconds(ahead);
    if (distance <= clock_skew_max)
        into.emplace_back(diagnosis_kind::ok, "clock", "agrees with the service's");
    else
        into.emplace_back(
            diagnosis_kind::warning,
            "clock",
            "this machine's clock is " + duration_text(distance) +
                (ahead < milliseconds(0) ? " behind" : " ahead of") + " the service's",
            "let NTP set it: ends of tokens and signatures are judged by it"
        );
}

}  // namespace

std::string_view name_of(diagnosis_kind kind) noexcept
{
    switch (kind)
    {
        case diagnosis_kind::ok:
            return "ok";
        case diagnosis_kind::warning:
            return "warning";
        case diagnosis_kind::fault:
            return "fault";
    }
    return "fault";
}

std::vector<diagnosis> diagnose(link_evidence const& of, time_point now)
{
    lines out;
    judge_stored(of, out);
    judge_grant(of, now, out);
    judge_reach(of, out);
    judge_scopes(of, out);
    judge_expiry(of, now, out);
    judge_clock(of, out);
    return out;
}

}  // namespace linkspan
