#pragma once
#include "links/net/http.hpp"
#include "tests/support/running_program.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace linkspan::test
{

// Judges requests by the description of an API: the npm package "@stoplight/prism-cli", as a process of its
// own on loopback. It judges paths, methods, parameters that are described, bodies and whether there is a
// proof; unknown parameters of a query it takes in silence (see openapi).
class prism
{
public:
    static bool is_installed();  // LINKSPAN_PRISM names its program

    // base: what stands before the description's paths in a request: "/2.0".
    prism(std::filesystem::path const& description, std::string base);

    // What is wrong with a request as a peer received it, one text each.
    std::vector<std::string> faults(http_request const& asked) const;

private:
    std::string base_;
    running_program program_;
    std::string url_;
};

}  // namespace linkspan::test
