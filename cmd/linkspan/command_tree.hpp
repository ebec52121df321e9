#pragma once
#include <boost/json/object.hpp>

#include <iosfwd>
#include <string>
#include <vector>

namespace linkspan
{

struct command_option
{
    std::vector<std::string> names;  // "--json"; of an argument its name alone
    std::string value;               // "NAME"; empty: a flag
    std::string help;
    std::string variable;             // of the environment
    std::vector<std::string> values;  // what completion offers; empty: names of files
    bool is_argument = false;         // told by its place, not by a name
    bool is_required = false;
};

// The command line as data: what the man page, the completion and the documents' test are made from.
struct command_description
{
    std::string name;
    std::string help;
    std::string examples;  // lines
    std::vector<command_option> options;
    std::vector<command_description> commands;
    bool is_hidden = false;
};

// "linkspan get-link [OPTIONS] LINK"
std::string synopsis_of(command_description const& command, std::string const& called);

boost::json::object to_json(command_description const& command);

// man(7) source of linkspan(1).
void print_man_page(std::ostream& out, command_description const& program, std::string const& version);

// A completion script for bash 4 and later, without bash-completion's functions.
void print_bash_completion(std::ostream& out, command_description const& program);

}  // namespace linkspan
