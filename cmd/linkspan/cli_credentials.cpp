#include "cmd/linkspan/check.hpp"
#include "cmd/linkspan/cli.hpp"

namespace linkspan
{

void command_line::add_credential_commands()
{
    auto* creds =
        add(app_,
            "set-creds",
            "Set fields of a link; those that are not given stay, and so do tokens. Without --kv at a "
            "terminal: asks for what "
            "is missing",
            "  linkspan set-creds slack\n"
            "  linkspan set-creds slack --kv bot_token=@token.txt\n"
            "  linkspan set-creds jira --partial --kv email=ada@example.com\n"
            "  pass show slack | linkspan set-creds slack --kv bot_token=-");
    named(creds->add_option("LINK", creds_.link, "The id or name of a link"), "")->required();
    named(creds->add_option("--kv", creds_.fields, kv_help), "KEY=VALUE")->allow_extra_args(false);
    creds->add_flag(
        "--partial", creds_.is_partial, "Set what is given, though required fields are still missing"
    );
    commands_.push_back(
        {creds,
         [this](terminal& on)
         {
             fill(creds_);
             return set_creds(on, creds_);
         }}
    );

    auto* unset =
        add(app_,
            "unset-creds",
            "Unset fields of a link, or forget its tokens",
            "  linkspan unset-creds slack api_url\n  linkspan unset-creds bitbucket --tokens");
    named(unset->add_option("LINK", unset_.link, "The id or name of a link"), "")->required();
    named(unset->add_option("FIELD", unset_.fields, "Fields to unset"), "");
    unset->add_flag(
        "--tokens", unset_.forgets_tokens, "Forget the tokens of the link; at the service they live on"
    );
    commands_.push_back(
        {unset,
         [this](terminal& on)
         {
             fill(unset_);
             return unset_creds(on, unset_);
         }}
    );
}

void command_line::add_check_command()
{
    auto* judge =
        add(app_,
            "check",
            "Load the configuration and judge it, with the links and credentials that it needs",
            "  linkspan check\n  linkspan --config new.toml check");
    commands_.push_back(
        {judge,
         [this](terminal& on)
         {
             command_options plain;
             fill(plain);
             return check(on, plain);
         },
         true,
         true}
    );
}

void command_line::add_lookup_of_credentials()
{
    auto* get =
        add(app_,
            "get-creds",
            "Show the credentials of a link, secrets masked; one field alone as it is, for scripts",
            "  linkspan get-creds slack\n  linkspan get-creds bitbucket access_token --reveal");
    named(get->add_option("LINK", get_creds_.link, "The id or name of a link"), "")->required();
    named(
        get->add_option(
            "FIELD",
            get_creds_.field,
            "One field, or a part of the token: access_token, refresh_token, expiry, token_type"
        ),
        ""
    );
    get->add_flag("--reveal", get_creds_.reveals, "Show secrets in clear; the audit remembers it");
    commands_.push_back(
        {get,
         [this](terminal& on)
         {
             fill(get_creds_);
             return get_creds(on, get_creds_);
         },
         true,
         true}
    );

    auto* meta = add(
        app_,
        "get-meta",
        "Show what is known of a link and is no secret: whom it acts as, its team or site, the last check",
        "  linkspan get-meta slack\n  linkspan get-meta jira --json"
    );
    named(meta->add_option("LINK", facts_.link, "The id or name of a link"), "")->required();
    commands_.push_back(
        {meta,
         [this](terminal& on)
         {
             fill(facts_);
             return show_facts(on, facts_);
         },
         true,
         true}
    );
}

void command_line::add_audit_command()
{
    auto* audit =
        add(app_,
            "audit",
            "Show who used which link when, the newest first",
            "  linkspan audit\n  linkspan audit slack --since 30d\n  linkspan audit --since 2026-11-20 --json"
        );
    named(
        audit->add_option("LINK", audit_.link, "The id or name of a link, also of one that is deleted"), ""
    );
    named(
        audit->add_option(
            "--since", audit_.since, "A day, a moment, or how long ago: 2026-11-20, 30d, 12h, 15min"
        ),
        "TIME"
    );
    add_number(*audit, "--limit", audit_.limit, {50, 100'000}, "At most so many, the newest; default: 200");
    commands_.push_back(
        {audit,
         [this](terminal& on)
         {
             fill(audit_);
             return show_uses(on, audit_);
         },
         true,
         true}
    );
}

void command_line::add_service_commands()
{
    auto* doctor = add(
        app_,
        "check-link",
        "Ask the service of a link whether it works: who it is, what it may do, how long, and by whose clock",
        "  linkspan check-link bitbucket\n  linkspan check-link slack --json\n  linkspan check-link teams "
        "--post"
    );
    named(doctor->add_option("LINK", doctor_.link, "The id or name of a link"), "")->required();
    doctor->add_flag(
        "--post", doctor_.post, "Post a test message, where nothing else shows whether the link works"
    );
    commands_.push_back(
        {doctor,
         [this](terminal& on)
         {
             fill(doctor_);
             return check_link(on, doctor_);
         }}
    );

    auto* refresh =
        add(app_,
            "refresh-link",
            "Get a new token of an OAuth link now, whatever the age of the one in use",
            "  linkspan refresh-link bitbucket");
    named(refresh->add_option("LINK", refresh_.link, "The id or name of a link"), "")->required();
    commands_.push_back(
        {refresh,
         [this](terminal& on)
         {
             fill(refresh_);
             return refresh_link(on, refresh_);
         }}
    );
}

}  // namespace linkspan
