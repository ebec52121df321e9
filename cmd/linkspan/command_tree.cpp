#include "cmd/linkspan/command_tree.hpp"

#include "cmd/linkspan/exit_code.hpp"
#include "core/base/error.hpp"
#include "core/base/text.hpp"

#include <boost/json/array.hpp>
#include <boost/json/value_from.hpp>

#include <algorithm>
#include <map>
#include <ostream>
#include <sstream>

namespace linkspan
{
namespace
{

namespace json = boost::json;

// A text as roff shows it: no request at a line's beginning, backslashes and hyphens as they are.
std::string roff(std::string_view text)
{
    std::string out;
    bool at_begin = true;
    for (char const c : text)
    {
        if (at_begin && (c == '.' || c == '\''))
            out += "\\&";
        if (c == '\\')
            out += "\\e";
        else if (c == '-')
            out += "\\-";
        else
            out += c;
        at_begin = c == '\n';
    }
    return out;
}

void print_option(std::ostream& out, command_option const& option)
{
    out << ".TP\n";
    for (auto const& name : option.names)
        out << (name == option.names.front() ? "" : ", ") << "\\fB" << roff(name) << "\\fR";
    if (!option.value.empty() && !option.is_argument)
        out << " \\fI" << roff(option.value) << "\\fR";
    out << '\n' << roff(option.help);
    if (!option.variable.empty())
        out << "; also \\fB" << roff(option.variable) << "\\fR";
    out << '\n';
}

void print_examples(std::ostream& out, std::string const& examples)
{
    if (examples.empty())
        return;
    out << ".PP\nExamples:\n.PP\n.nf\n.RS 4\n";
    std::istringstream lines(examples);
    for (std::string line; std::getline(lines, line);)
        out << roff(line.substr(std::min(line.find_first_not_of(' '), line.size()))) << '\n';
    out << ".RE\n.fi\n";
}

void print_command(std::ostream& out, command_description const& command, std::string const& called)
{
    if (command.is_hidden)
        return;
    out << ".SS \"" << roff(synopsis_of(command, called)) << "\"\n" << roff(command.help) << '\n';
    for (auto const& option : command.options)
        print_option(out, option);
    print_examples(out, command.examples);
    for (auto const& below : command.commands)
        print_command(out, below, called + " " + below.name);
}

std::string words_of(command_description const& command)
{
    std::string out;
    for (auto const& below : command.commands)
        if (!below.is_hidden)
            out += below.name + " ";
    for (auto const& option : command.options)
        if (!option.is_argument)
            for (auto const& name : option.names)
                out += name + " ";
    return out;
}

// What is offered behind each option with a value: words, or the names of files. An option of one name takes
// the same everywhere.
std::map<std::string, std::string> values_of(command_description const& program)
{
    std::map<std::string, std::string> out;
    for (auto const& option : program.options)
        if (!option.is_argument && !option.value.empty())
            for (auto const& name : option.names)
                out[name] = joined(option.values, " ");
    for (auto const& below : program.commands)
        out.merge(values_of(below));
    return out;
}

void print_values(std::ostream& out, command_description const& program)
{
    std::vector<std::string> of_files;
    out << "    case $before in\n        --template) ;;\n";
    for (auto const& [name, words] : values_of(program))
        if (words.empty())
            of_files.push_back(name);
        else
            out << "        " << name << ") COMPREPLY=($(compgen -W \"" << words
                << "\" -- \"$current\")); return ;;\n";
    out << "        " << joined(of_files, "|") << ") compopt -o default; return ;;\n    esac\n";
}

void print_cases(
    std::ostream& out, command_description const& command, std::string const& path, std::string const& global
)
{
    out << "        \"" << path << "\") words=\"" << words_of(command) << (path.empty() ? "" : global)
        << "\" ;;\n";
    for (auto const& below : command.commands)
        if (!below.is_hidden)
            print_cases(out, below, path.empty() ? below.name : path + " " + below.name, global);
}

// But for --help, which each command has of its own.
std::string options_of(command_description const& command)
{
    auto bare = command;
    bare.commands.clear();
    std::erase_if(bare.options, [](command_option const& one) { return one.names.back() == "--help"; });
    return words_of(bare);
}

// Every word that is a command, so that the arguments between them are passed over.
std::string commands_of(command_description const& command)
{
    std::string out;
    for (auto const& below : command.commands)
        if (!below.is_hidden)
            out += below.name + " " + commands_of(below);
    return out;
}

// The commands with such an argument.
std::string commands_with(command_description const& command, std::string_view argument)
{
    std::vector<std::string> names;
    for (auto const& below : command.commands)
        for (auto const& option : below.options)
            if (!below.is_hidden && option.is_argument && option.names.front() == argument)
                names.push_back(below.name);
    return joined(names, " | ");
}

// What the program itself names where the path is one of these commands.
void print_asked_words(std::ostream& out, std::string const& commands, std::string_view call)
{
    out << "        " << commands
        << ")\n            [[ $current = -* ]] || words+=\" $(linkspan \"${profile[@]}\" " << call
        << ")\" ;;\n";
}

}  // namespace

std::string synopsis_of(command_description const& command, std::string const& called)
{
    std::string out = called + " [OPTIONS]";
    for (auto const& option : command.options)
        if (option.is_argument)
            out += option.is_required ? " " + option.names.front() : " [" + option.names.front() + "]";
    if (!command.commands.empty())
        out += " [COMMAND]";
    return out;
}

json::object to_json(command_description const& command)
{
    json::object out;
    out["name"] = command.name;
    out["help"] = command.help;
    out["examples"] = command.examples;
    out["hidden"] = command.is_hidden;
    json::array options;
    for (auto const& option : command.options)
    {
        json::object one;
        json::array names;
        for (auto const& name : option.names)
            names.emplace_back(name);
        one["names"] = std::move(names);
        one["argument"] = option.is_argument;
        one["required"] = option.is_required;
        one["value"] = option.value;
        one["help"] = option.help;
        one["variable"] = option.variable;
        one["values"] = json::value_from(option.values);
        options.push_back(std::move(one));
    }
    out["options"] = std::move(options);
    json::array commands;
    for (auto const& below : command.commands)
        commands.push_back(to_json(below));
    out["commands"] = std::move(commands);
    return out;
}

void print_man_page(std::ostream& out, command_description const& program, std::string const& version)
{
    out << ".TH LINKSPAN 1 \"\" \"linkspan " << roff(version) << "\" \"User commands\"\n"
        << ".SH NAME\nlinkspan \\- " << roff(program.help) << '\n'
        << ".SH SYNOPSIS\n.B linkspan\n[\\fIOPTIONS\\fR] \\fICOMMAND\\fR [\\fIARGUMENTS\\fR]\n"
        << ".SH OPTIONS\nThese may stand before or after the command.\n";
    for (auto const& option : program.options)
        print_option(out, option);
    out << ".SH COMMANDS\n";
    for (auto const& command : program.commands)
        print_command(out, command, "linkspan " + command.name);
    out << ".SH EXIT STATUS\n";
    for (int code = 0; code <= static_cast<int>(errc::internal); ++code)
        out << ".TP\n"
            << exit_code_of(static_cast<errc>(code)) << '\n'
            << (code == 0 ? "success" : roff(name_of(static_cast<errc>(code)))) << '\n';
    out << ".SH FILES\n.TP\n\\fI$XDG_CONFIG_HOME/linkspan/config.toml\\fR\nThe configuration.\n"
        << ".TP\n\\fI$XDG_DATA_HOME/linkspan/linkspan.db\\fR\nLinks, deliveries and events.\n"
        << ".TP\n\\fI$XDG_DATA_HOME/linkspan/master.key\\fR\nOpens the credentials of the links; back it up "
           "apart from the database.\n"
        << ".TP\n\\fI$XDG_STATE_HOME/linkspan/serve.json\\fR\nWhere a running linkspan serve listens.\n"
        << ".SH EXAMPLES\n";
    print_examples(out, program.examples);
}

void print_bash_completion(std::ostream& out, command_description const& program)
{
    out << "# bash completion for linkspan; made by: linkspan completion bash\n"
        << "_linkspan()\n{\n"
        << "    local word current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} path= words= "
           "value is_help= below i\n"
        << "    local -a profile=()\n"
        << "    COMPREPLY=()\n"
        // Bash takes --format=json apart.
        << "    [[ $before = '=' ]] && before=${COMP_WORDS[COMP_CWORD-2]}\n"
        << "    [[ $current = '=' ]] && current=\n";
    print_values(out, program);
    out << "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
        << "        word=${COMP_WORDS[i]}\n"
        << "        case $word in --config|--database|--key-file)\n"
        << "            value=${COMP_WORDS[i+1]}; [[ $value = '=' ]] && value=${COMP_WORDS[i+2]}\n"
        << "            value=${value//[\\\"\\'\\\\]/}; value=${value/#\\~\\//$HOME/}; "
           "value=${value/#\\$HOME/$HOME}\n"
        << "            profile+=(\"$word\" \"$value\"); continue ;;\n        esac\n"
        << "        [[ -z $path && $word = help && ${COMP_WORDS[i-1]} != --* ]] && { is_help=1; continue; }\n"
        << "        case \" " << commands_of(program) << "\" in\n"
        << "            *\" $word \"*) case $path in '' | events) path=${path:+$path }$word ;; esac ;;\n"
        << "        esac\n    done\n"
        << "    case $path in\n";
    print_cases(out, program, "", options_of(program));
    out << "    esac\n"
        << "    if [[ $is_help ]]; then path=; below=; for word in $words; do [[ $word = -* ]] || "
           "below+=\"$word \"; done; words=$below; fi\n"
        << "    if [[ $path = link-templates || $before = --template ]]; then [[ $current = -* ]] || words=; "
           "words+=\" $(linkspan link-templates --json 2>/dev/null | sed -n 's/^      \"name\": "
           "\"\\([a-z0-9-]*\\)\",$/\\1/p')\"; fi\n"
        << "    case $path in\n";
    print_asked_words(
        out,
        commands_with(program, "LINK"),
        "list-links --json 2>/dev/null | sed -n 's/^      \"\\(id\\|name\\)\": \"\\(.*\\)\",$/\\2/p'"
    );
    print_asked_words(out, commands_with(program, "SOURCE"), "source-names 2>/dev/null");
    out << "    esac\n"
        << "    COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
        << "}\ncomplete -F _linkspan linkspan\n";
}

}  // namespace linkspan
