#include "cmd/linkspan/cli.hpp"
#include "cmd/linkspan/profile_store.hpp"

namespace linkspan
{

std::string command_line::called(CLI::App const& app)
{
    return (app.get_parent() == nullptr ? std::string() : called(*app.get_parent()) + " ") + app.get_name();
}

error command_line::unexpected(std::vector<std::string> const& words, CLI::App const& below) const
{
    auto const* at = &below;
    auto const help = "; " + called(*at) + " --help shows what there is";
    auto const word = words.empty() ? std::string() : words.front();
    std::vector<std::string> known;
    bool const is_option = word.size() > 1 && word.front() == '-';
    for (auto const* app = at; app != nullptr; app = app->get_parent())
        for (auto const* option : app->get_options())
            for (auto const& name : option->get_lnames())
                known.push_back("--" + name);
    if (!is_option)
    {
        known.clear();
        for (auto const* one :
             at->get_subcommands([](CLI::App const* shown) { return !shown->get_group().empty(); }))
            known.push_back(one->get_name());
        // "--kv bot_token xoxb-...": what was meant as a value may be a secret.
        if (at->get_option_no_throw("--kv") != nullptr)
            return error(
                errc::invalid, "an argument too many; a field is given as key=value, in one word" + help
            );
        if (known.empty())
            return error(errc::invalid, "unexpected argument " + word + help);
    }
    auto const name = word.substr(0, word.find('='));  // behind it a secret may stand
    auto const near = did_you_mean(name, known);
    return error(
        errc::invalid,
        std::string("unknown ") + (is_option ? "option " : "command ") + name + (near.empty() ? help : near)
    );
}

result<> command_line::print_help(terminal& on) const
{
    CLI::App const* asked = &app_;
    for (auto word = helped_words_.begin(); word != helped_words_.end(); ++word)
    {
        auto const named =
            asked->get_subcommands([&](CLI::App const* below) { return below->get_name() == *word; });
        if (named.empty())
            return unexpected({word, helped_words_.end()}, *asked);
        asked = named.front();
    }
    on.out << asked->get_formatter()->make_help(asked, called(*asked), CLI::AppFormatMode::Normal);
    return {};
}

void command_line::add_help_command()
{
    auto* help =
        add(app_,
            "help",
            "Print what a command's --help prints",
            "  linkspan help create-link\n  linkspan help events show");
    filled(named(
        help->add_option(
            "COMMAND", helped_words_, "Which, as in events show; default: linkspan without a command"
        ),
        ""
    ));
    commands_.push_back({help, [this](terminal& on) { return print_help(on); }, false});
}

}  // namespace linkspan
