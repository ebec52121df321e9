#include "store/vault.hpp"

#include "store/links.hpp"
#include "tests/support/scratch_store.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <set>

namespace linkspan::test
{
namespace
{

constexpr char const* plain = "xoxb-plain-text-that-nobody-may-see";

struct vault_at
{
    temporary_folder folder;
    std::filesystem::path file = folder.path() / "master.key";
};

seal_place place_of(
    std::string_view link = "link1", std::string_view field = "token", std::int64_t version = 1
)
{
    seal_place place;
    place.link = link_id(std::string(link));
    place.field = field;
    place.version = version;
    return place;
}

TEST(vault, opens_what_it_sealed)
{
    vault_at at;
    auto const keys = vault::create(at.file).value();
    for (auto const& text :
         {std::string(plain), std::string(), std::string("\0\xff", 2), std::string(100'000, 'k')})
    {
        auto const sealed = keys.seal(secret(text), place_of()).value();
        EXPECT_EQ(keys.open_sealed(sealed, keys.key_id(), place_of()).value().reveal(), text);
    }
    auto const again = vault::open(at.file).value();
    EXPECT_EQ(again.key_id(), keys.key_id());
    auto const sealed = keys.seal(secret(plain), place_of()).value();
    EXPECT_EQ(again.open_sealed(sealed, again.key_id(), place_of()).value().reveal(), plain);
    EXPECT_NE(sealed, keys.seal(secret(plain), place_of()).value());  // a nonce of its own each time
    EXPECT_EQ(sealed.find("plain-text"), std::string::npos);
}

TEST(vault, notices_every_altered_or_missing_byte)
{
    vault_at at;
    auto const keys = vault::create(at.file).value();
    auto const sealed = keys.seal(secret(plain), place_of()).value();
    for (std::size_t i = 0; i < sealed.size(); ++i)
    {
        auto altered = sealed;
        altered[i] = static_cast<char>(altered[i] ^ 1);
        auto const opened = keys.open_sealed(altered, keys.key_id(), place_of());
        ASSERT_FALSE(opened) << i;
        EXPECT_EQ(opened.error().code, errc::unauthorized);
        auto const cut = keys.open_sealed(sealed.substr(0, i), keys.key_id(), place_of());
        ASSERT_FALSE(cut) << i;
        EXPECT_EQ(cut.error().code, errc::unauthorized);
        EXPECT_EQ(opened.error().message.find(plain), std::string::npos);
    }
    EXPECT_FALSE(keys.open_sealed(sealed + "x", keys.key_id(), place_of()));
}

TEST(vault, opens_nothing_in_another_place)
{
    vault_at at;
    auto const keys = vault::create(at.file).value();
    auto const sealed = keys.seal(secret(plain), place_of("link1", "token", 3)).value();
    for (auto const& wrong :
         {place_of("link2", "token", 3), place_of("link1", "secret", 3), place_of("link1", "token", 2)})
    {
        auto const opened = keys.open_sealed(sealed, keys.key_id(), wrong);
        ASSERT_FALSE(opened);
        EXPECT_EQ(opened.error().code, errc::unauthorized);
        EXPECT_NE(opened.error().message.find("altered or moved"), std::string::npos);
        EXPECT_NE(opened.error().message.find(wrong.link.value), std::string::npos);
        EXPECT_NE(opened.error().message.find(wrong.field), std::string::npos);
    }
}

TEST(vault, names_both_keys_where_another_sealed)
{
    vault_at at;
    vault_at other;
    auto const keys = vault::create(at.file).value();
    auto const others = vault::create(other.file).value();
    ASSERT_NE(keys.key_id(), others.key_id());
    auto const sealed = keys.seal(secret(plain), place_of()).value();
    auto const opened = others.open_sealed(sealed, keys.key_id(), place_of());
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, errc::unauthorized);
    for (auto const& text : {keys.key_id(), others.key_id(), other.file.string(), std::string("set-creds")})
        EXPECT_NE(opened.error().message.find(text), std::string::npos) << opened.error().message;
    EXPECT_FALSE(others.open_sealed(sealed, others.key_id(), place_of()));  // a row that lies about its key
}

TEST(vault, judges_the_key_file)
{
    vault_at at;
    auto const code = [&at]
    {
        auto const opened = vault::open(at.file);
        if (opened)
            return errc::none;
        EXPECT_NE(opened.error().message.find(at.file.string()), std::string::npos) << opened.error().message;
        return opened.error().code;
    };
    EXPECT_EQ(code(), errc::not_found);
    ASSERT_TRUE(vault::create(at.file));
    EXPECT_EQ(code(), errc::none);
    auto const good = read_file(at.file);

    for (unsigned const mode : {0644U, 0640U, 0604U, 0610U})
    {
        ::chmod(at.file.c_str(), mode);
        EXPECT_EQ(code(), errc::unauthorized) << mode;
    }
    EXPECT_NE(vault::open(at.file).error().message.find("chmod 600"), std::string::npos);
    ::chmod(at.file.c_str(), 0600);

    for (auto const& text :
         {std::string(),
          good.substr(0, good.size() - 2),
          "x" + good,
          good + "0",
          std::string(5000, 'a'),
          good.substr(0, good.size() - 2) + "g\n"})
    {
        write_file(at.file, text);
        EXPECT_EQ(code(), errc::invalid) << text.size();
    }
    write_file(at.file, good.substr(0, good.size() - 1) + "\r\n");  // an editor's line end
    EXPECT_EQ(code(), errc::none);
    EXPECT_EQ(vault::open(at.folder.path()).error().code, errc::invalid);  // a folder
}

TEST(vault, makes_its_file_private_and_never_replaces_one)
{
    vault_at at;
    auto const umask_before = ::umask(0);
    auto const first = vault::create(at.file).value();
    ::umask(umask_before);
    struct stat status = {};
    ASSERT_EQ(::stat(at.file.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
    EXPECT_EQ(vault::create(at.file).value().key_id(), first.key_id());
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(at.folder.path()), {}), 1);  // no draft stays
    EXPECT_EQ(vault::create(at.folder.path() / "no" / "master.key").error().code, errc::not_found);
    write_file(at.folder.path() / "file", "no folder");  // takes no file, not even root's
    EXPECT_EQ(vault::create(at.folder.path() / "file" / "master.key").error().code, errc::unavailable);
}

TEST(vault, is_not_stopped_by_the_draft_of_a_process_that_died)
{
    vault_at at;
    write_file(at.file.string() + "." + std::to_string(::getpid()), "half a key");
    EXPECT_TRUE(vault::create(at.file));
}

TEST(vault, processes_that_make_it_at_once_end_with_one_key)
{
    constexpr int processes = 6;
    for (int round = 0; round < 5; ++round)
    {
        vault_at at;
        int go[2] = {};
        int answers[2] = {};
        ASSERT_EQ(::pipe(go), 0);
        ASSERT_EQ(::pipe(answers), 0);
        std::vector<pid_t> children;
        for (int i = 0; i < processes; ++i)
        {
            auto const pid = ::fork();
            ASSERT_GE(pid, 0);
            if (pid == 0)
            {
                ::close(go[1]);
                char none = 0;
                (void)!::read(go[0], &none, 1);  // until the parent closes it
                auto const made = vault::create(at.file);
                auto const id = made ? made->key_id() : std::string(12, '!');
                ::_exit(::write(answers[1], id.data(), 12) == 12 ? 0 : 1);
            }
            children.push_back(pid);
        }
        ::close(go[0]);
        ::close(go[1]);
        ::close(answers[1]);
        for (auto const pid : children)
            ::waitpid(pid, nullptr, 0);
        std::set<std::string> ids;
        std::string id(12, '\0');
        int heard = 0;
        while (::read(answers[0], id.data(), 12) == 12)
        {
            ids.insert(id);
            ++heard;
        }
        ::close(answers[0]);
        EXPECT_EQ(heard, processes);
        EXPECT_EQ(ids, std::set<std::string>{vault::open(at.file).value().key_id()});
    }
}

bool stands_in(std::filesystem::path const& folder, std::string_view text)
{
    for (auto const& file : std::filesystem::directory_iterator(folder))
        if (read_file(file.path()).find(text) != std::string::npos)
            return true;
    return false;
}

TEST(vault, leaves_no_plain_text_in_the_database_or_its_log)
{
    scratch_store store;
    vault_at at;
    auto const keys = vault::create(at.file).value();
    link_row row;
    row.id = link_id("aaaaaaaaaaaaaaaa");
    row.template_name = "slack-bot-token";
    ASSERT_TRUE(store.tell([&](transaction& tx) { return insert_link(tx, row); }));
    for (int i = 0; i < 3; ++i)
        ASSERT_TRUE(store.tell([&](transaction& tx)
                               { return put_field(tx, keys, row.id, "token", secret(plain)); }));
    EXPECT_FALSE(stands_in(store.folder(), plain));
    EXPECT_FALSE(stands_in(store.folder(), std::string_view(plain).substr(0, 12)));
    row.id = link_id("bbbbbbbbbbbbbbbb");
    row.name = plain;  // the search finds what is there
    ASSERT_TRUE(store.tell([&](transaction& tx) { return insert_link(tx, row); }));
    EXPECT_TRUE(stands_in(store.folder(), plain));
}

}  // namespace
}  // namespace linkspan::test
