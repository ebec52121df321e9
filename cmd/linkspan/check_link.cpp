#include "cmd/linkspan/audit.hpp"
#include "cmd/linkspan/credential_commands.hpp"
#include "cmd/linkspan/keys.hpp"
#include "cmd/linkspan/link_doctor.hpp"
#include "cmd/linkspan/link_kinds.hpp"
#include "cmd/linkspan/link_session.hpp"
#include "cmd/linkspan/next_steps.hpp"
#include "store/grants.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <iostream>

namespace linkspan
{
namespace
{

namespace json = boost::json;

constexpr std::size_t line_bytes_max = 500;  // of a message; a service may have many words

result<link_identity> ask(
    link_session& with, link_evidence& into, identify_function question, link_fields fields
)
{
    auto const begun = with.loop.clock().now();
    auto work = question(with.loop.services(), std::move(fields));
    auto who = with.loop.run<link_identity>(std::move(work));
    into.heard_at = with.loop.clock().now();
    into.took = into.heard_at - begun;
    return who;
}

// Of a link that has tokens: one refusal means one new token and one more try, and a second one the link's
// state.
void ask_with_token(link_session& with, open_link const& link, link_evidence& into)
{
    auto got = with.token_of(link);
    for (int tries = 0; got && into.kind->identify != nullptr; ++tries)
    {
        auto fields = link.fields;
        fields.insert_or_assign("access_token", got->tokens.access_token);
        auto who = ask(with, into, into.kind->identify, std::move(fields));
        if (who)
        {
            into.identity = std::move(*who);
            into.identity_failure.reset();
            if (auto const noted = with.worked(link, got->generation); !noted)
                into.token_failure = noted.error();
            return;
        }
        into.identity_failure = who.error();
        if (who.error().code != errc::unauthorized)
            return;
        got = with.token_instead_of(link, got->generation);
        if (tries > 0)
            break;
    }
    if (!got)
        into.token_failure = got.error();
}

// Fields that are missing or do not fit would make every answer meaningless.
bool can_ask(link_evidence const& of)
{
    return !of.fields_failure && missing_fields(*of.kind, of.row).empty() &&
           judge_fields(*of.kind, of.fields).has_value();
}

void ask_service(link_session& with, found_link const& of, bool may_post, link_evidence& into)
{
    if (!can_ask(into))
        return;
    auto const question = may_post ? of.kind->post_test : of.kind->identify;
    if (of.kind->oauth != nullptr)
        ask_with_token(with, opened(of, into.fields), into);
    else if (question != nullptr)
    {
        auto who = ask(with, into, question, into.fields);
        if (who)
            into.identity = std::move(*who);
        else
            into.identity_failure = who.error();
    }
}

result<link_evidence> read_evidence(found_link& of, profile_paths const& paths)
{
    link_evidence out;
    out.row = of.row;
    out.kind = of.kind;
    auto fields = open_fields_of(of, paths);
    if (fields)
        out.fields = std::move(*fields);
    else
        out.fields_failure = fields.error();
    auto key = of.database.read<std::optional<sealing_key>>(
        system_now(),
        [&](transaction& tx) -> result<std::optional<sealing_key>>
        {
            auto named = find_sealing_key(tx);
            if (!named || !*named)
                return named;
            auto place = key_place(tx, paths);  // where it is now, and whether it is there
            if (!place)
                return place.error();
            (*named)->origin = std::move(*place);
            return named;
        }
    );
    if (!key)
        return key.error();
    out.key = std::move(*key);
    return out;
}

std::map<std::string, std::string> facts_of(link_evidence const& of)
{
    auto const& who = *of.identity;
    auto facts = who.facts;
    facts["account"] = who.account;
    facts["credential"] = who.credential;
    facts["scopes"] = who.scopes.value_or(std::string());
    facts["expires_at"] = who.expires_at ? to_rfc3339(*who.expires_at) : std::string();
    return facts;
}

// What was heard is kept; whoever asked stands in the audit.
result<int> store_check(transaction& tx, link_evidence const& of, std::vector<diagnosis> const& lines)
{
    std::string failure;
    for (auto const& line : lines)
        if (failure.empty() && line.kind == diagnosis_kind::fault)
            failure = line.message;
    std::map<std::string, std::string> facts;
    if (of.identity)
        facts = facts_of(of);
    // What nobody was asked says nothing against an earlier answer.
    if (of.was_asked() || !failure.empty())
    {
        facts["checked_at"] = to_rfc3339(tx.now());
        facts["check"] = failure.empty() ? "ok" : "fault: " + failure;
        if (failure.empty())
            facts[std::string(question_fact)].clear();
    }
    if (auto const put = put_facts(tx, of.row.id, facts); !put)
        return put.error();
    auto use = use_by("check-link", of.row, "check", failure);
    use.is_failure = !failure.empty();
    if (auto const told = record_use(tx, use); !told)
        return told.error();
    return 0;
}

json::object to_json(diagnosis const& line)
{
    json::object out;
    out["kind"] = std::string(name_of(line.kind));
    out["subject"] = line.subject;
    out["message"] = line.message;
    out["advice"] = line.advice;
    return out;
}

void print_lines(
    terminal& on,
    check_link_options const& options,
    link_evidence const& of,
    std::vector<diagnosis> const& lines
)
{
    if (options.json)
    {
        json::array list;
        bool is_ok = true;
        for (auto const& line : lines)
        {
            list.push_back(to_json(line));
            is_ok = is_ok && line.kind != diagnosis_kind::fault;
        }
        json::object document;
        document["id"] = of.row.id.value;
        document["ok"] = is_ok;
        document["lines"] = std::move(list);
        print_json(on.out, document);
        return;
    }
    for (auto const& line : lines)
    {
        std::string head(name_of(line.kind));
        head.resize(9, ' ');
        auto subject = line.subject;
        subject.resize(std::max<std::size_t>(subject.size(), 12), ' ');
        auto const text = head + subject + safe_line(line.message, line_bytes_max) +
                          (line.advice.empty() ? "" : "; " + safe_line(line.advice, line_bytes_max));
        if (line.kind == diagnosis_kind::ok)
            on.out << text << '\n';
        else
            print_alarm(on, text);
    }
}

}  // namespace

result<> check_link(terminal& on, check_link_options const& options)
{
    auto of = find_link_of(options.paths, options.link);
    if (!of)
        return of.error();
    if (options.post && of->kind->post_test == nullptr)
        return error(
            errc::invalid,
            "links of the template " + std::string(of->kind->name) +
                " are checked without a post: leave --post out"
        );
    auto evidence = read_evidence(*of, options.paths);
    if (!evidence)
        return evidence.error();
    auto const settings = load_config(options.paths.config).config;
    evidence->public_url = public_url_of(settings.server);
    link_session session(on, *of, options.paths, settings.server);
    ask_service(session, *of, options.post, *evidence);
    auto const now = system_now();
    auto state = of->database.read<grant>(now, [&](transaction& tx) { return find_grant(tx, of->row.id); });
    if (!state)
        return state.error();
    evidence->grant = std::move(*state);
    evidence->grant.renews_itself = renews_itself(*of->kind);
    auto const lines = diagnose(*evidence, now);
    auto const stored =
        of->database.write<int>(now, [&](transaction& tx) { return store_check(tx, *evidence, lines); });
    if (!stored)
        return stored.error();
    print_lines(on, options, *evidence, lines);
    for (auto const& line : lines)
        if (line.kind == diagnosis_kind::fault)
            return error(line.code, "link " + name_of(of->row) + " does not work: " + line.message);
    if (!options.json)
        on.out << "Link " << name_of(of->row)
               << (evidence->was_asked() ? " works.\n" : " shows no fault; its service was not asked.\n");
    return {};
}

}  // namespace linkspan
