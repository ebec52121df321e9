#include "cmd/linkspan/terminal.hpp"

#include "core/base/utf8.hpp"
#include "links/console/terminal_text.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <cstdlib>
#include <iostream>

namespace linkspan
{
namespace
{

constexpr std::string_view red = "\x1b[31m";
constexpr std::string_view yellow = "\x1b[33m";
constexpr std::string_view plain = "\x1b[0m";

std::string in_colour(bool wanted, std::string_view colour, std::string_view text)
{
    if (!wanted)
        return std::string(text);
    return std::string(colour) + std::string(text) + std::string(plain);
}

// Turns the echo of the terminal off while it lives.
class silent_input
{
public:
    silent_input() : is_set_(::tcgetattr(STDIN_FILENO, &before_) == 0)
    {
        if (!is_set_)
            return;
        termios silent = before_;
        silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        is_set_ = ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent) == 0;
    }
    ~silent_input()
    {
        if (is_set_)
            ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
    }
    silent_input(silent_input const&) = delete;
    silent_input& operator=(silent_input const&) = delete;

    bool works() const { return is_set_; }

private:
    termios before_ = {};
    bool is_set_;
};

result<secret> ask_without_echo(std::string_view question)
{
    silent_input const silence;
    if (!silence.works())
        return error(
            errc::unavailable, "cannot turn off the echo of this terminal; give the value as key=@file"
        );
    std::cerr << question << std::flush;
    std::string line;
    bool const answered = static_cast<bool>(std::getline(std::cin, line));
    std::cerr << '\n';
    if (!answered)
        return error(errc::cancelled, "nothing was typed");
    secret typed(line);
    for (char volatile& c : line)
        c = 0;
    return typed;
}

bool is_set(char const* name)
{
    char const* const value = std::getenv(name);
    return value != nullptr && *value != '\0';
}

void print_value(std::ostream& out, boost::json::value const& value, std::string const& indent);

void print_object(std::ostream& out, boost::json::object const& object, std::string const& indent)
{
    if (object.empty())
    {
        out << "{}";
        return;
    }
    char const* between = "{\n";
    for (auto const& [name, member] : object)
    {
        out << between << indent << "  " << plain_json(boost::json::serialize(name)) << ": ";
        print_value(out, member, indent + "  ");
        between = ",\n";
    }
    out << '\n' << indent << '}';
}

void print_array(std::ostream& out, boost::json::array const& array, std::string const& indent)
{
    if (array.empty())
    {
        out << "[]";
        return;
    }
    char const* between = "[\n";
    for (auto const& element : array)
    {
        out << between << indent << "  ";
        print_value(out, element, indent + "  ");
        between = ",\n";
    }
    out << '\n' << indent << ']';
}

void print_value(std::ostream& out, boost::json::value const& value, std::string const& indent)
{
    if (auto const* object = value.if_object())
        print_object(out, *object, indent);
    else if (auto const* array = value.if_array())
        print_array(out, *array, indent);
    else
        out << plain_json(boost::json::serialize(value));
}

// 0 where it is no terminal, or does not tell.
std::size_t columns_of(int output)
{
    winsize size = {};
    return ::isatty(output) == 1 && ::ioctl(output, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

}  // namespace

terminal process_terminal(bool no_color)
{
    terminal here(std::cout, std::cerr, std::cin);
    here.is_terminal = ::isatty(STDIN_FILENO) == 1 && ::isatty(STDERR_FILENO) == 1;
    char const* const kind = std::getenv("TERM");
    bool const colour =
        !no_color && !is_set("NO_COLOR") && (kind == nullptr || std::string_view(kind) != "dumb");
    here.out_colour = colour && ::isatty(STDOUT_FILENO) == 1;
    here.err_colour = colour && ::isatty(STDERR_FILENO) == 1;
    here.columns = columns_of(STDOUT_FILENO);
    here.ask_hidden = ask_without_echo;
    return here;
}

bool ask_yes(terminal& on, std::string_view question)
{
    on.err << question << " [y/N] " << std::flush;
    std::string line;
    std::getline(on.in, line);
    return line == "y" || line == "Y" || line == "yes";
}

void print_error(terminal& on, error const& failure, bool json)
{
    if (json)
    {
        boost::json::object inner;
        inner["code"] = std::string(name_of(failure.code));
        inner["message"] = failure.message;
        boost::json::object document;
        document["error"] = std::move(inner);
        print_json(on.err, document);
        return;
    }
    on.err << in_colour(on.err_colour, red, "linkspan:") << ' ' << console::terminal_text(failure.message)
           << '\n';
}

void print_warning(terminal& on, std::string_view message)
{
    on.err << in_colour(on.err_colour, yellow, "warning:") << ' ' << console::terminal_text(message) << '\n';
}

void print_alarm(terminal& on, std::string_view message)
{
    on.out << in_colour(on.out_colour, red, console::terminal_text(message)) << '\n';
}

void print_json(std::ostream& out, boost::json::value const& document)
{
    print_value(out, document, "");
    out << '\n';
}

std::string safe_line(std::string_view outside, std::size_t bytes_max)
{
    return single_line(console::terminal_text(outside), bytes_max);
}

}  // namespace linkspan
