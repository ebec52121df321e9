#include "store/links.hpp"
#include "tests/support/scratch_store.hpp"

#include <gtest/gtest.h>

namespace linkspan::test
{
namespace
{

class store_links : public testing::Test
{
protected:
    result<> insert(std::string id, std::optional<std::string> name = {})
    {
        link_row row;
        row.id = link_id(std::move(id));
        row.name = std::move(name);
        row.template_name = "slack-bot-token";
        row.allow_unsigned = true;
        return store_.tell([&](transaction& tx) { return insert_link(tx, row); });
    }

    result<link_row> find(std::string_view id_or_name)
    {
        return store_.tell([&](transaction& tx) { return find_link(tx, id_or_name); });
    }

    result<> put(std::string_view id, std::string_view field, std::string value)
    {
        return store_.tell(
            [&](transaction& tx)
            { return put_field(tx, keys_, link_id(std::string(id)), field, secret(std::move(value))); }
        );
    }

    result<bool> remove(std::string_view id, std::string_view field)
    {
        return store_.tell([&](transaction& tx) { return remove_field(tx, link_id(std::string(id)), field); }
        );
    }

    result<std::map<std::string, secret, std::less<>>> open(std::string_view id, vault const& keys)
    {
        return store_.tell([&](transaction& tx) { return open_fields(tx, keys, link_id(std::string(id))); });
    }

    scratch_store store_;
    vault keys_ = vault::create(store_.folder() / "master.key").value();
};

TEST_F(store_links, are_found_by_id_and_by_name)
{
    ASSERT_TRUE(insert("aaaa", "team chat"));
    store_.now += seconds(1);
    ASSERT_TRUE(insert("bbbb"));
    auto const row = find("team chat").value();
    EXPECT_EQ(row.id.value, "aaaa");
    EXPECT_EQ(row.name, "team chat");
    EXPECT_EQ(row.template_name, "slack-bot-token");
    EXPECT_TRUE(row.allow_unsigned);
    EXPECT_EQ(row.created_at, store_.now - seconds(1));
    EXPECT_TRUE(row.field_names.empty());
    EXPECT_EQ(find("aaaa").value().name, "team chat");
    EXPECT_EQ(find("bbbb").value().name, std::nullopt);
    for (auto const* missing : {"Team Chat", "aaa", "", "team%"})
    {
        auto const none = find(missing);
        ASSERT_FALSE(none);
        EXPECT_EQ(none.error().code, errc::not_found);
    }
    auto const all = store_.tell(list_links).value();
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0].id.value, "aaaa");
    EXPECT_EQ(all[1].id.value, "bbbb");
}

TEST_F(store_links, share_no_id_and_no_name)
{
    ASSERT_TRUE(insert("aaaa", "chat"));
    for (auto const& taken :
         {insert("aaaa"),
          insert("bbbb", "chat"),
          insert("bbbb", "aaaa"),
          insert("chat"),
          insert("aaaa", "other")})
    {
        ASSERT_FALSE(taken);
        EXPECT_EQ(taken.error().code, errc::conflict);
        EXPECT_EQ(taken.error().message.find("constraint"), std::string::npos) << taken.error().message;
    }
    EXPECT_EQ(store_.tell(list_links).value().size(), 1U);
    EXPECT_TRUE(insert("bbbb", "Chat"));
}

TEST_F(store_links, keep_their_fields_sealed_under_a_new_version_each_time)
{
    ASSERT_TRUE(insert("aaaa", "chat"));
    EXPECT_FALSE(store_.tell(has_sealed_fields).value());
    auto const made_at = store_.now;
    ASSERT_TRUE(put("aaaa", "token", "first"));
    store_.now += seconds(5);
    ASSERT_TRUE(put("aaaa", "token", "second"));
    ASSERT_TRUE(put("aaaa", "base_url", ""));
    EXPECT_TRUE(store_.tell(has_sealed_fields).value());
    auto const row = find("chat").value();
    EXPECT_EQ(row.created_at, made_at);
    EXPECT_EQ(row.updated_at, store_.now);
    EXPECT_EQ(row.field_names, (std::vector<std::string>{"base_url", "token"}));
    EXPECT_EQ(store_.count("SELECT version FROM link_field WHERE name = 'token'"), 2);
    EXPECT_EQ(store_.count("SELECT version FROM link_field WHERE name = 'base_url'"), 3)
        << "a version for each value of the link";
    auto const fields = open("aaaa", keys_).value();
    ASSERT_EQ(fields.size(), 2U);
    EXPECT_EQ(fields.at("token").reveal(), "second");
    EXPECT_EQ(fields.at("base_url").reveal(), "");
    EXPECT_FALSE(put("none", "token", "x"));  // no such link
}

TEST_F(store_links, open_with_their_own_key_only)
{
    ASSERT_TRUE(insert("aaaa", "chat"));
    ASSERT_TRUE(put("aaaa", "token", "first"));
    auto const other = vault::create(store_.folder() / "other.key").value();
    auto const refused = open("aaaa", other);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, errc::unauthorized);
    EXPECT_NE(refused.error().message.find(keys_.key_id()), std::string::npos) << refused.error().message;

    // A value moved to another field or put back in an older version does not open.
    ASSERT_TRUE(put("aaaa", "signing_secret", "another"));
    store_.change(
        "UPDATE link_field SET sealed = (SELECT sealed FROM link_field WHERE name = 'signing_secret')"
    );
    EXPECT_EQ(open("aaaa", keys_).error().code, errc::unauthorized);
    ASSERT_TRUE(put("aaaa", "token", "first"));
    store_.change("UPDATE link_field SET version = version + 1 WHERE name = 'token'");
    EXPECT_EQ(open("aaaa", keys_).error().code, errc::unauthorized);
    ASSERT_TRUE(put("aaaa", "token", "again"));
    EXPECT_EQ(open("aaaa", keys_).value().at("token").reveal(), "again");
}

TEST_F(store_links, never_give_a_version_again)
{
    ASSERT_TRUE(insert("aaaa", "chat"));
    ASSERT_TRUE(put("aaaa", "token", "first"));
    store_.change("CREATE TABLE kept AS SELECT * FROM link_field");
    ASSERT_TRUE(remove("aaaa", "token").value());
    EXPECT_FALSE(remove("aaaa", "token").value()) << "it is not set any more";
    EXPECT_TRUE(open("aaaa", keys_).value().empty());
    store_.now += seconds(1);
    ASSERT_TRUE(put("aaaa", "token", "second"));
    EXPECT_EQ(store_.count("SELECT version FROM link_field"), 2);
    EXPECT_EQ(find("aaaa").value().updated_at, store_.now);
    // What was sealed before does not open under the new version.
    store_.change("UPDATE link_field SET sealed = (SELECT sealed FROM kept)");
    EXPECT_EQ(open("aaaa", keys_).error().code, errc::unauthorized);
}

TEST_F(store_links, are_named_anew)
{
    ASSERT_TRUE(insert("aaaa", "chat"));
    ASSERT_TRUE(insert("bbbb", "other"));
    auto const name = [&](std::string_view id, std::optional<std::string> const& to)
    { return store_.tell([&](transaction& tx) { return name_link(tx, link_id(std::string(id)), to); }); };
    store_.now += seconds(1);
    ASSERT_TRUE(name("aaaa", "talk"));
    EXPECT_EQ(find("talk").value().id.value, "aaaa");
    EXPECT_EQ(find("talk").value().updated_at, store_.now);
    EXPECT_FALSE(find("chat"));
    ASSERT_TRUE(name("aaaa", "talk")) << "its own name is free";
    for (auto const* taken : {"other", "bbbb", "aaaa"})
        EXPECT_EQ(name("aaaa", taken).error().code, errc::conflict) << taken;
    ASSERT_TRUE(name("aaaa", std::nullopt));
    EXPECT_EQ(find("aaaa").value().name, std::nullopt);
    EXPECT_EQ(name("none", "x").error().code, errc::not_found);
}

TEST_F(store_links, are_listed_with_their_own_fields)
{
    for (auto const* id : {"cccc", "aaaa", "bbbb"})
        ASSERT_TRUE(insert(id));
    ASSERT_TRUE(put("cccc", "token", "1"));
    ASSERT_TRUE(put("aaaa", "token", "2"));
    ASSERT_TRUE(put("aaaa", "base_url", "3"));
    std::map<std::string, std::vector<std::string>> fields;
    auto const all = store_.tell(list_links).value();
    for (auto const& row : all)
        fields[row.id.value] = row.field_names;
    EXPECT_EQ(
        fields,
        (std::map<std::string, std::vector<std::string>>{
            {"aaaa", {"base_url", "token"}}, {"bbbb", {}}, {"cccc", {"token"}}})
    );
}

TEST_F(store_links, go_with_their_fields)
{
    ASSERT_TRUE(insert("aaaa", "chat"));
    ASSERT_TRUE(insert("bbbb"));
    ASSERT_TRUE(put("aaaa", "token", "first"));
    ASSERT_TRUE(put("bbbb", "token", "first"));
    ASSERT_TRUE(store_.tell([](transaction& tx) { return delete_link(tx, link_id("aaaa")); }));
    EXPECT_FALSE(find("chat"));
    EXPECT_EQ(store_.count("SELECT count(*) FROM link_field"), 1);
    EXPECT_TRUE(open("aaaa", keys_).value().empty());
    auto const again = store_.tell([](transaction& tx) { return delete_link(tx, link_id("aaaa")); });
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, errc::not_found);
    EXPECT_TRUE(insert("cccc", "chat"));
}

}  // namespace
}  // namespace linkspan::test
