#include "cmd/linkspan/audit.hpp"
#include "cmd/linkspan/command_loop.hpp"
#include "cmd/linkspan/config.hpp"
#include "cmd/linkspan/found_link.hpp"
#include "cmd/linkspan/link_commands.hpp"
#include "store/grants.hpp"

#include <boost/json/object.hpp>

#include <functional>
#include <iostream>
#include <optional>
#include <vector>

namespace linkspan
{
namespace
{

namespace json = boost::json;

// Where the configuration names the link: "source \"cloud\" (config.toml:12)".
std::vector<std::string> uses_of(config const& all, link_row const& link)
{
    auto const is_it = [&](std::string const& name) { return name == link.id.value || name == link.name; };
    auto const place = [&](int line)
    { return " (" + all.file.filename().string() + ":" + std::to_string(line) + ")"; };
    std::vector<std::string> uses;
    for (auto const& source : all.sources)
        if (is_it(source.webhook) || is_it(source.api))
            uses.push_back("source \"" + source.name + "\"" + place(source.line));
    for (auto const& destination : all.destinations)
        if (is_it(destination.link))
            uses.push_back("destination \"" + destination.name + "\"" + place(destination.line));
    return uses;
}

result<> may_delete(
    terminal& on, delete_link_options const& options, config const& settings, link_row const& link
)
{
    if (options.yes)
        return {};
    std::string list;
    for (auto const& use : uses_of(settings, link))
        list += (list.empty() ? "" : ", ") + use;
    if (!list.empty())
        return error(
            errc::conflict,
            "link " + name_of(link) + " is used by " + list +
                "; take it out there first, or say --yes to delete it all the same"
        );
    if (!on.is_terminal)
        return error(errc::invalid, "deleting a link needs --yes where nobody can be asked");
    auto const question =
        "Delete link " + name_of(link) + " (" + link.template_name + ") with its credentials?";
    if (!ask_yes(on, question))
        return error(errc::cancelled, "nothing was deleted");
    return {};
}

// What became of the credential at the service.
struct revocation
{
    bool is_done = false;   // of its tokens
    bool lives_on = false;  // a key gets new ones all the same
    std::string failure;    // why it could not be ended
    std::string page;       // where a person ends it; empty: none is known
};

// What is needed to end the tokens of an OAuth link at its service.
struct revocable
{
    link_fields fields;
    std::vector<token_set> tokens;  // none: there is nothing to end
};

result<revocable> read_revocable(found_link& of, profile_paths const& paths)
{
    revocable out;
    auto const state =
        of.database.read<grant>(system_now(), [&](transaction& tx) { return find_grant(tx, of.row.id); });
    if (!state)
        return state.error();
    if (of.row.field_names.empty() && state->generation == 0)
        return out;
    auto const keys = find_vault(paths);
    if (!keys)
        return keys.error();
    return of.database.read<revocable>(
        system_now(),
        [&](transaction& tx) -> result<revocable>
        {
            auto fields = open_fields(tx, *keys, of.row.id);
            if (!fields)
                return fields.error();
            out.fields = std::move(*fields);
            auto tokens = open_tokens(tx, *keys, of.row.id);
            if (!tokens)
                return tokens.error();
            out.tokens = std::move(*tokens);
            return out;
        }
    );
}

// The refresh token first: at most services the access tokens made with it go along (RFC 7009, 2.1).
result<> revoke_tokens(oauth::client const& client, token_set const& tokens, server_config const& server)
{
    command_loop loop(server);
    for (auto const& token : {tokens.refresh_token, tokens.access_token})
    {
        if (token.empty())
            continue;
        auto work = oauth::revoke(loop.client(), client, token);
        if (auto const done = loop.run<void>(std::move(work)); !done)
            return done;
    }
    return {};
}

result<> revoke_by_template(
    link_template const& kind, link_fields fields, token_set const& tokens, server_config const& server
)
{
    command_loop loop(server);
    fields.insert_or_assign("access_token", tokens.access_token);
    auto work = kind.oauth->revoke(loop.services(), std::move(fields));
    return loop.run<void>(std::move(work));
}

// The first token is the one in use. What the service does not know any more needs no end; what it cannot be
// asked now may live on.
result<> revoke_all(
    std::vector<token_set> const& all, std::function<result<>(token_set const& tokens)> const& revoke
)
{
    std::optional<error> refusal;
    bool is_any_ended = false;
    for (auto const& tokens : all)
    {
        auto const done = revoke(tokens);
        bool const may_live_on =
            !done && (done.error().code == errc::unavailable || done.error().code == errc::rate_limited);
        if (may_live_on)
            return done;
        is_any_ended = is_any_ended || done;
        if (!done && !refusal)
            refusal = done.error();
    }
    return is_any_ended || !refusal ? result<>() : *refusal;
}

revocation end_at_service(found_link& of, profile_paths const& paths, server_config const& server)
{
    revocation out;
    if (of.kind == nullptr)
        return out;
    auto const held = read_revocable(of, paths);
    out.page = filled_in(of.kind->revoke_page, held ? held->fields : link_fields(), of.kind->fields);
    if (!held)
    {
        out.failure = held.error().message;
        return out;
    }
    bool const has_tokens = !held->tokens.empty();
    // Where nobody has signed in, or nothing was set, nothing works that could be ended.
    bool const by_person =
        of.kind->oauth != nullptr && of.kind->oauth->grant == grant_kind::authorization_code;
    if ((by_person && !has_tokens) || held->fields.empty())
        out.page.clear();
    if (of.kind->oauth == nullptr || !has_tokens)
        return out;
    out.lives_on = !by_person;
    if (of.kind->oauth->revoke != nullptr)
    {
        auto const done = revoke_all(
            held->tokens,
            [&](token_set const& tokens)
            { return revoke_by_template(*of.kind, held->fields, tokens, server); }
        );
        out.is_done = done.has_value();
        if (!done)
            out.failure = done.error().message;
        return out;
    }
    auto const client = oauth_client_of(*of.kind, held->fields);
    if (!client)
        out.failure = client.error().message;
    else if (!client->revoke_url.empty())
    {
        auto const done = revoke_all(
            held->tokens, [&](token_set const& tokens) { return revoke_tokens(*client, tokens, server); }
        );
        out.is_done = done.has_value();
        if (!done)
            out.failure = done.error().message;
    }
    return out;
}

result<int> store_deletion(found_link& of, revocation const& ended)
{
    return of.database.write<int>(
        system_now(),
        [&](transaction& tx) -> result<int>
        {
            if (auto const done = delete_link(tx, of.row.id); !done)
                return done.error();
            auto use = use_by("delete-link", of.row, "delete", ended.is_done ? "revoked" : ended.failure);
            if (auto const told = record_use(tx, use); !told)
                return told.error();
            return 0;
        }
    );
}

void report(terminal& on, delete_link_options const& options, found_link const& of, revocation const& ended)
{
    if (!ended.failure.empty())
        print_warning(on, "the credential was not ended at the service: " + ended.failure);
    bool const has_more = (!ended.is_done || ended.lives_on) && !ended.page.empty();
    if (options.json)
    {
        json::object document;
        document["deleted"] = of.row.id.value;
        document["revoked"] = ended.is_done;
        document["revoke_failure"] = ended.failure;
        document["revoke_page"] = ended.page;
        print_json(on.out, document);
        return;
    }
    on.out << "Deleted link " << name_of(of.row) << (of.row.name ? " (" + of.row.id.value + ")" : "")
           << (ended.is_done ? "; its tokens are revoked at the service" : "") << '\n';
    if (has_more)
        on.err << "The credential itself still works. End it at the service: " << safe_line(ended.page)
               << '\n';
}

}  // namespace

result<> remove_link(terminal& on, delete_link_options const& options)
{
    auto of = find_any_link_of(options.paths, options.link);
    if (!of && of.error().code == errc::not_found && options.allow_missing)
    {
        if (options.json)
            print_json(
                on.out,
                json::object{
                    {"deleted", nullptr}, {"revoked", false}, {"revoke_failure", ""}, {"revoke_page", ""}}
            );
        else
            on.err << "There is no link " << safe_line(options.link) << "; nothing was deleted.\n";
        return {};
    }
    if (!of)
        return of.error();
    auto const settings = load_config(options.paths.config).config;
    if (auto const allowed = may_delete(on, options, settings, of->row); !allowed)
        return allowed;
    // First at the service: what is deleted here cannot be ended any more.
    auto const ended = options.no_revoke ? revocation() : end_at_service(*of, options.paths, settings.server);
    if (auto const deleted = store_deletion(*of, ended); !deleted)
        return deleted.error();
    report(on, options, *of, ended);
    return {};
}

}  // namespace linkspan
