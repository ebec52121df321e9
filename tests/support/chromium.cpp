#include "tests/support/chromium.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include <cstdio>
#include <cstdlib>
#include <stdexcept>

namespace linkspan::test
{

bool has_chromium()
{
    return std::getenv("LINKSPAN_CHROMIUM") != nullptr && std::getenv("LINKSPAN_PLAYWRIGHT") != nullptr;
}

seen_page grant_in_chromium(std::string const& url, tls_proxy const& proxy)
{
    auto const command = std::string("node " LINKSPAN_SOURCE_DIR "/tests/browser/sign_in.cjs '") + url +
                         "' " + std::to_string(proxy.tls_port()) + " '" + proxy.key_pin() + "'";
    std::FILE* const out = ::popen(command.c_str(), "re");
    if (out == nullptr)
        throw std::runtime_error("node does not start");
    std::string text;
    char part[4096];
    while (auto const n = std::fread(part, 1, sizeof part, out))
        text.append(part, n);
    if (::pclose(out) != 0)
        throw std::runtime_error("the browser did not get through " + url);
    auto const document = boost::json::parse(text).as_object();
    seen_page seen;
    seen.address = std::string(document.at("address").as_string());
    seen.text = std::string(document.at("text").as_string());
    for (auto const& problem : document.at("problems").as_array())
        seen.problems.emplace_back(problem.as_string());
    return seen;
}

}  // namespace linkspan::test
