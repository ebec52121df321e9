#pragma once
#include "core/oauth/token.hpp"
#include "tests/support/contains.hpp"
#include "tests/support/run_program.hpp"

#include <boost/json/object.hpp>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace linkspan
{
class transaction;
class vault;
}  // namespace linkspan

namespace linkspan::test
{

// A profile whose links are made and looked at by the real program.
class command_profile : public program_profile
{
public:
    // Runs create-link and gives the id that it prints. Fails the test where it does not.
    std::string create(std::vector<std::string> arguments, std::string_view input = {}) const;

    boost::json::value json(std::vector<std::string> arguments) const;  // of its standard output
    boost::json::object link(std::string const& name) const;            // get-link

    // "action by" of each row of audit, the newest first.
    std::vector<std::string> uses(std::string const& name) const;

    // Works on the database as another command would.
    void change(std::function<void(transaction& tx, vault const& keys)> const& work) const;

    // As a person's consent would: tokens that live for `life`.
    void put_tokens(
        std::string const& id,
        std::string const& access,
        std::string const& refresh,
        seconds life,
        std::string const& scopes = {}
    ) const;
};

}  // namespace linkspan::test
