#pragma once
#include "cmd/linkspan/paths.hpp"

#include <sys/types.h>

#include <string>

namespace linkspan
{

// Why no browser can be opened where this process runs, as "this is an ssh session"; empty: one can, by
// xdg-open. BROWSER in the environment says that there is one, whatever else there is.
std::string why_no_browser(environment const& variables);

// How a browser elsewhere reaches a port of this machine: "ssh -L 14470:localhost:14470 ada@host".
std::string ssh_line(environment const& variables, std::uint16_t port);

// One call of xdg-open. Its arguments can be read by other users of the machine: the URL's ticket is worth
// something once, and who is faster than the browser is told on, since that one is refused.
class opened_browser
{
public:
    opened_browser() = default;
    ~opened_browser();  // does not wait for it
    opened_browser(opened_browser const&) = delete;
    opened_browser& operator=(opened_browser const&) = delete;

    bool open(std::string const& url);  // false: there is no xdg-open

    // Whether it has ended and said that it failed; true once.
    bool has_failed();

private:
    pid_t pid_ = -1;
};

}  // namespace linkspan
