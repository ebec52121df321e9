#include "cmd/linkspan/check.hpp"
#include "cmd/linkspan/cli.hpp"

namespace linkspan
{
namespace
{

constexpr char const* kv_help =
    "A field: key=value; key=@file or key=- (standard input) without the line end at its end; key alone asks "
    "without "
    "showing what is typed. May be given several times.";

}  // namespace

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
            "  linkspan create-link --template slack-bot-token --name slack --kv bot_token");
    named(
        create->add_option("--template", create_.template_name, "What to link (linkspan link-templates)"),
        "NAME"
    )
        ->required();
    named(
        create->add_option("--name", create_.name, "A name that every command takes in place of the id"),
        "NAME"
    );
    named(create->add_option("--kv", create_.fields, kv_help), "KEY=VALUE")->allow_extra_args(false);
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
             return create_link(on, create_);
         }}
    );
}

void command_line::add_lookup_commands()
{
    auto* list =
        add(app_, "list-links", "List the links", "  linkspan list-links\n  linkspan list-links --json");
    commands_.push_back(
        {list,
         [this](terminal& on)
         {
             command_options plain;
             fill(plain);
             return show_links(on, plain);
         }}
    );

    auto* get =
        add(app_,
            "get-link",
            "Show a link and its fields; of a secret only whether it is set",
            "  linkspan get-link slack\n  linkspan get-link k3v5wq7nyb2dlq4e --json");
    named(get->add_option("LINK", get_.link, "The id or name of a link"), "")->required();
    commands_.push_back(
        {get,
         [this](terminal& on)
         {
             fill(get_);
             return show_link(on, get_);
         }}
    );

    auto* gone =
        add(app_,
            "delete-link",
            "Delete a link with its credentials; refused while the configuration uses it",
            "  linkspan delete-link slack\n  linkspan delete-link slack --yes");
    named(gone->add_option("LINK", delete_.link, "The id or name of a link"), "")->required();
    gone->add_flag("-y,--yes", delete_.yes, "Ask nothing, and delete it even if the configuration uses it");
    commands_.push_back(
        {gone,
         [this](terminal& on)
         {
             fill(delete_);
             return remove_link(on, delete_);
         }}
    );
}

void command_line::add_credential_commands()
{
    auto* creds =
        add(app_,
            "set-creds",
            "Set fields of a link; those that are not given stay. Without --kv at a terminal: asks for what "
            "is missing",
            "  linkspan set-creds slack\n"
            "  linkspan set-creds slack --kv bot_token=@token.txt\n"
            "  pass show slack | linkspan set-creds slack --kv bot_token=-");
    named(creds->add_option("LINK", creds_.link, "The id or name of a link"), "")->required();
    named(creds->add_option("--kv", creds_.fields, kv_help), "KEY=VALUE")->allow_extra_args(false);
    commands_.push_back(
        {creds,
         [this](terminal& on)
         {
             fill(creds_);
             return set_creds(on, creds_);
         }}
    );

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
         }}
    );
}

}  // namespace linkspan
