#include "cmd/linkspan/cli.hpp"
#include "cmd/linkspan/config.hpp"

#include <algorithm>

namespace linkspan
{
namespace
{

std::string joined_help(std::string text)
{
    auto const head = text.find('\n');
    return text.starts_with("Examples:") && head != std::string::npos ? text.substr(head + 1) : text;
}

// Whether a shell takes it as it is: bash expands what a completion offers.
bool is_plain_word(std::string_view text)
{
    return std::ranges::all_of(
        text,
        [](char c)
        {
            bool const is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
            return is_letter || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
        }
    );
}

}  // namespace

command_description command_line::describe(CLI::App const& app) const
{
    command_description out;
    out.name = app.get_name();
    out.help = app.get_description();
    out.examples = joined_help(app.get_footer());
    out.is_hidden = app.get_group().empty();
    for (auto const* option : app.get_options())
    {
        command_option one;
        one.is_argument = option->get_positional();
        if (one.is_argument)
            one.names.push_back(option->get_name(true));
        for (auto const& name : option->get_snames())
            one.names.push_back("-" + name);
        for (auto const& name : option->get_lnames())
            one.names.push_back("--" + name);
        bool const is_flag = option->get_items_expected_max() == 0;
        one.value = is_flag ? "" : option->get_type_name();
        one.help = option->get_description();
        one.variable = option->get_envname();
        one.is_required = option->get_required();
        if (auto const found = values_.find(option); found != values_.end())
            one.values = found->second();
        out.options.push_back(std::move(one));
    }
    for (auto const* below : app.get_subcommands([](CLI::App const*) { return true; }))
        out.commands.push_back(describe(*below));
    return out;
}

void command_line::add_hidden_commands()
{
    auto* completion = add(app_, "completion", "Print a completion script", "  linkspan completion bash");
    completion->group("Of an installation");
    named(completion->add_option("SHELL", shell_, "bash"), "")->required();
    auto* man = add(app_, "man", "Print the man page", "  linkspan man | man -l -");
    man->group("Of an installation");
    auto* commands = add(app_, "commands", "Print every command and option as JSON", "  linkspan commands");
    commands->group("");
    auto* sources =
        add(app_,
            "source-names",
            "Print the names of the configured sources, for completion",
            "  linkspan source-names");
    sources->group("");
    commands_.push_back(
        {completion,
         [this](terminal& on) -> result<>
         {
             if (shell_ != "bash")
                 return error(errc::invalid, "there is completion for bash only");
             print_bash_completion(on.out, describe(app_));
             return {};
         },
         false}
    );
    commands_.push_back(
        {man,
         [this](terminal& on) -> result<>
         {
             print_man_page(on.out, describe(app_), LINKSPAN_VERSION);
             return {};
         },
         false}
    );
    commands_.push_back(
        {commands,
         [this](terminal& on) -> result<>
         {
             print_json(on.out, to_json(describe(app_)));
             return {};
         },
         false}
    );
    commands_.push_back(
        {sources,
         [this](terminal& on) -> result<>
         {
             auto const loaded = load_config(paths_.config);
             for (auto const& source : loaded.config.sources)
                 if (is_plain_word(source.name))
                     on.out << source.name << '\n';
             return {};
         }}
    );
}

}  // namespace linkspan
