#pragma once
#include "core/base/error.hpp"
#include "core/base/secret.hpp"

#include <boost/json/value.hpp>

#include <functional>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

namespace linkspan
{

// Where a command reads and writes. Results go to `out`; advice, questions, warnings and errors to `err`.
struct terminal
{
    std::ostream& out;
    std::ostream& err;
    std::istream& in;
    bool is_terminal = false;  // a person sits there: questions may be asked
    bool out_colour = false;
    bool err_colour = false;
    std::size_t columns = 0;  // of `out`, where it is a terminal; 0: lines may have any length
    // Asks for a line without showing what is typed. errc::cancelled where the input ends instead.
    std::function<result<secret>(std::string_view question)> ask_hidden;

    terminal(std::ostream& out, std::ostream& err, std::istream& in) : out(out), err(err), in(in) {}
};

// The process's own: colours only on a terminal, and neither with NO_COLOR (no-color.org) nor TERM=dumb.
terminal process_terminal(bool no_color);

// Asks a yes-or-no question; an end of input is a no.
bool ask_yes(terminal& on, std::string_view question);

void print_error(terminal& on, error const& failure, bool json);
void print_warning(terminal& on, std::string_view message);

// A line among results that nobody may overlook: on `out`, red where it has colours.
void print_alarm(terminal& on, std::string_view message);

// A JSON document as people read it: two spaces a level, members in their order, one line end at its end.
void print_json(std::ostream& out, boost::json::value const& document);

// A text from outside as one safe line of at most `bytes_max` bytes.
std::string safe_line(std::string_view outside, std::size_t bytes_max = 200);

}  // namespace linkspan
