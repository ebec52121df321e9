#pragma once
#include <boost/json/value.hpp>

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace linkspan::test
{

// How a run of the program ended.
struct program_run
{
    int code = -1;  // exit code; 128 + signal where a signal ended it
    std::string out;
    std::string err;

    boost::json::value json() const;  // of `out`; throws where it is none
};

// A throw-away profile (XDG folders of its own), in which the real program runs. The environment of the test
// itself is not handed on: neither LINKSPAN_... nor HOME leak in.
class program_profile
{
public:
    program_profile();
    ~program_profile();
    program_profile(program_profile const&) = delete;
    program_profile& operator=(program_profile const&) = delete;

    // Runs the program to its end with `input` as its standard input. Not a terminal.
    program_run run(std::vector<std::string> const& arguments, std::string_view input = {}) const;

    // The same on a terminal of its own (standard input and error; standard output stays a pipe): each answer
    // is typed once the text before it has appeared. `err` is what the terminal shows.
    struct typed_answer
    {
        std::string after;
        std::string text;
    };
    program_run run_on_terminal(
        std::vector<std::string> const& arguments, std::vector<typed_answer> const& answers
    ) const;

    // On a terminal of so many columns, standard output too: all that it shows.
    std::string run_on_screen(std::vector<std::string> const& arguments, unsigned short columns) const;

    std::filesystem::path const& folder() const { return folder_; }
    std::filesystem::path config() const { return folder_ / "config" / "linkspan" / "config.toml"; }
    std::filesystem::path database() const { return folder_ / "data" / "linkspan" / "linkspan.db"; }
    std::filesystem::path master_key() const { return folder_ / "data" / "linkspan" / "master.key"; }
    std::filesystem::path state() const { return folder_ / "state" / "linkspan"; }

    void write_config(std::string_view text) const;
    std::filesystem::path write(std::string const& name, std::string_view text) const;

    std::map<std::string, std::string> variables;  // of the program's environment

private:
    std::filesystem::path folder_;
};

}  // namespace linkspan::test
