#include "tests/support/command_profile.hpp"

#include "links/link.hpp"
#include "store/grants.hpp"
#include "store/store.hpp"
#include "store/vault.hpp"

#include <boost/json/array.hpp>
#include <gtest/gtest.h>

namespace linkspan::test
{

std::string command_profile::create(std::vector<std::string> arguments, std::string_view input) const
{
    arguments.insert(arguments.begin(), "create-link");
    auto const made = run(arguments, input);
    EXPECT_EQ(made.code, 0) << made.err;
    constexpr std::string_view head = "New link ID: ";
    EXPECT_TRUE(made.out.starts_with(head)) << made.out;
    EXPECT_EQ(made.out.size(), head.size() + 17);
    return made.out.substr(head.size(), 16);
}

boost::json::value command_profile::json(std::vector<std::string> arguments) const
{
    arguments.insert(arguments.begin(), "--json");
    auto const ran = run(arguments);
    EXPECT_NE(ran.out, "") << ran.err;
    return ran.json();
}

boost::json::object command_profile::link(std::string const& name) const
{
    return json({"get-link", name}).as_object();
}

std::vector<std::string> command_profile::uses(std::string const& name) const
{
    std::vector<std::string> out;
    auto const document = json({"audit", name});
    for (auto const& use : document.at("uses").as_array())
    {
        auto const& actor = use.at("actor").as_string();
        std::string const by(actor.data(), actor.size());
        out.push_back(std::string(use.at("action").as_string()) + " " + by.substr(0, by.find(" by ")));
    }
    return out;
}

void command_profile::change(std::function<void(transaction& tx, vault const& keys)> const& work) const
{
    auto opened = command_store::open(database());
    auto const keys = vault::open(master_key());
    opened.value()
        .write<int>(
            system_now(),
            [&](transaction& tx) -> result<int>
            {
                work(tx, keys.value());
                return 0;
            }
        )
        .value();
}

void command_profile::put_tokens(
    std::string const& id,
    std::string const& access,
    std::string const& refresh,
    seconds life,
    std::string const& scopes
) const
{
    token_set tokens;
    tokens.access_token = secret(access);
    tokens.refresh_token = secret(refresh);
    tokens.token_type = "Bearer";
    tokens.scopes = scopes;
    tokens.obtained_at = system_now();
    tokens.expires_at = tokens.obtained_at + life;
    change([&](transaction& tx, vault const& keys) { put_consent(tx, keys, link_id(id), tokens).value(); });
}

}  // namespace linkspan::test
