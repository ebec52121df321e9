#include "cmd/linkspan/cli.hpp"

namespace linkspan
{
consumer_options command_line::consumer_input::read() const
{
    auto const given = [](CLI::Option const* option, std::string const& text)
    { return option->count() == 0 ? std::nullopt : std::optional<std::string>(text); };
    consumer_options out;
    out.client_id = given(has_client_id, client_id);
    out.client_secret = given(has_client_secret, client_secret);
    out.auth_url = given(has_auth_url, auth_url);
    out.token_url = given(has_token_url, token_url);
    out.scopes = scopes;
    return out;
}

void command_line::add_consumer_options(CLI::App& to, consumer_input& into, std::vector<std::string>& fields)
{
    into.has_client_id = named(
        to.add_option("--client-id", into.client_id, "The id of an OAuth consumer: the field client_id"), "ID"
    );
    into.has_client_secret = named(
                                 to.add_option(
                                     "--client-secret",
                                     into.client_secret,
                                     "Its secret: the field client_secret. Safer than on the command line: "
                                     "=@file, =- (standard input), or "
                                     "nothing behind it (asks)"
                                 ),
                                 "SECRET"
    )
                                 ->expected(0, 1);
    named(
        to.add_option(
            "--scopes", into.scopes, "What to ask for: the field scopes; with commas, or several times"
        ),
        "SCOPE"
    )
        ->delimiter(',')
        ->allow_extra_args(false);
    into.has_auth_url = named(
        to.add_option("--auth-url", into.auth_url, "Where a person consents: the field auth_url"), "URL"
    );
    into.has_token_url = named(
        to.add_option("--token-url", into.token_url, "Where tokens are given: the field token_url"), "URL"
    );
    named(to.add_option("--kv,--param", fields, kv_help), "KEY=VALUE")->allow_extra_args(false);
}

void command_line::add_link_commands()
{
    auto* templates =
        add(app_,
            "link-templates",
            "Show what can be linked: all templates, or one with its fields and what to do at the service",
            "  linkspan link-templates\n  linkspan link-templates slack-bot-token");
    named(templates->add_option("NAME", templates_.name, "A template"), "");
    commands_.push_back(
        {templates,
         [this](terminal& on)
         {
             fill(templates_);
             return show_link_templates(on, templates_);
         },
         false}
    );

    auto* create =
        add(app_,
            "create-link",
            "Make a link to an outside service; says what to do next",
            "  linkspan create-link --template console --name here\n"
            "  linkspan create-link --template bitbucket-webhook --name api --kv webhook_secret=@secret.txt\n"
            "  linkspan create-link --template slack-bot-token --name slack --kv bot_token\n"
            "  linkspan create-link --template bitbucket-app-oauth --client-id k3y --client-secret");
    named(
        create->add_option("--template", create_.template_name, "What to link (linkspan link-templates)"),
        "NAME"
    )
        ->required();
    named(
        create->add_option("--name", create_.name, "A name that every command takes in place of the id"),
        "NAME"
    );
    add_consumer_options(*create, create_consumer_, create_.fields);
    create->add_flag(
        "--allow-unsigned",
        create_.allow_unsigned,
        "Take webhooks without a signature: for tests in a closed network"
    );
    commands_.push_back(
        {create,
         [this](terminal& on)
         {
             fill(create_);
             create_.consumer = create_consumer_.read();
             return create_link(on, create_);
         }}
    );
}

void command_line::add_lookup_commands()
{
    auto* list =
        add(app_,
            "list-links",
            "List the links: how each stands, when its token ends and when it was used",
            "  linkspan list-links\n  linkspan list-links --json");
    commands_.push_back(
        {list,
         [this](terminal& on)
         {
             command_options plain;
             fill(plain);
             return show_links(on, plain);
         },
         true,
         true}
    );

    auto* get =
        add(app_,
            "get-link",
            "Show a link, its grant and its fields; of a secret only whether it is set",
            "  linkspan get-link slack\n  linkspan get-link k3v5wq7nyb2dlq4e --json");
    named(get->add_option("LINK", get_.link, "The id or name of a link"), "")->required();
    commands_.push_back(
        {get,
         [this](terminal& on)
         {
             fill(get_);
             return show_link(on, get_);
         },
         true,
         true}
    );

    auto* gone =
        add(app_,
            "delete-link",
            "Delete a link with its credentials, and end its tokens at the service; refused while the "
            "configuration "
            "uses it",
            "  linkspan delete-link slack\n  linkspan delete-link slack --yes\n"
            "  linkspan delete-link old --allow-missing --yes");
    named(gone->add_option("LINK", delete_.link, "The id or name of a link"), "")->required();
    gone->add_flag("-y,--yes", delete_.yes, "Ask nothing, and delete it even if the configuration uses it");
    gone->add_flag("--allow-missing", delete_.allow_missing, "No such link is a success");
    gone->add_flag(
        "--no-revoke", delete_.no_revoke, "Leave the tokens at the service as they are, and do not call it"
    );
    commands_.push_back(
        {gone,
         [this](terminal& on)
         {
             fill(delete_);
             return remove_link(on, delete_);
         }}
    );
}

void command_line::add_update_command()
{
    auto* update =
        add(app_,
            "update-link",
            "Change the name or settings of a link; what is not given stays",
            "  linkspan update-link slack --name team-chat\n"
            "  linkspan update-link bitbucket --client-secret=@secret.txt\n"
            "  linkspan update-link jira --scopes read:jira-work,offline_access");
    named(update->add_option("LINK", update_.link, "The id or name of a link"), "")->required();
    auto* name = named(update->add_option("--name", new_name_, "Its new name; \"\" for none"), "NAME");
    add_consumer_options(*update, update_consumer_, update_.fields);
    commands_.push_back(
        {update,
         [this, name](terminal& on)
         {
             fill(update_);
             update_.consumer = update_consumer_.read();
             if (name->count() != 0)
                 update_.name = new_name_;
             return update_link(on, update_);
         }}
    );
}

}  // namespace linkspan
