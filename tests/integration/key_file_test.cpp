#include "store/key_file.hpp"

#include "store/cipher.hpp"
#include "tests/support/environment.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

namespace linkspan::test
{
namespace
{

constexpr char const* what = "the master key K";

// Cheap to open, as no product file is.
scrypt_cost cheap()
{
    scrypt_cost cost;
    cost.log2_n = scrypt_log2_n_min;
    cost.p = 1;
    return cost;
}

std::string a_line()
{
    opened_keys one;
    one.keys.push_back(make_key());
    return std::string(text_of_keys(one).value().reveal());
}

TEST(key_file, holds_one_key_or_several)
{
    opened_keys held;
    for (int i = 0; i < 3; ++i)
        held.keys.push_back(make_key());
    auto const text = text_of_keys(held).value();
    auto const read = parse_keys(text, what).value();
    ASSERT_EQ(read.size(), 3u);
    for (std::size_t i = 0; i < 3; ++i)
        EXPECT_EQ(read[i].reveal(), held.keys[i].reveal());
    auto windows = std::string(text.reveal());
    for (auto at = windows.find('\n'); at != windows.npos; at = windows.find('\n', at + 2))
        windows.insert(at, "\r");
    EXPECT_EQ(parse_keys(secret(windows), what).value().size(), 3u);
}

TEST(key_file, that_is_none_says_why)
{
    auto const good = a_line();
    std::string many;
    for (std::size_t i = 0; i <= master_keys_max; ++i)
        many += a_line();
    std::pair<std::string, std::string> const cases[] = {
        {"hello\n", "is no master key of linkspan"},
        {good.substr(0, good.size() - 3), "is cut short: 62 digits in place of 64"},
        {good.substr(0, good.size() - 1) + "00", "is too long: 66 digits"},
        {good.substr(0, good.size() - 2) + "g\n", "has signs that are no hexadecimal digits"},
        {good + good.substr(0, 40), "is cut short"},
        {good + "\n" + good, "is no master key of linkspan"},
        {many, "holds more than 8 keys"},
        {"\n\n", "is empty"}};
    for (auto const& [text, part] : cases)
    {
        auto const read = parse_keys(secret(text), what);
        ASSERT_FALSE(read) << part;
        EXPECT_EQ(read.error().code, errc::invalid) << part;
        EXPECT_NE(read.error().message.find(what + (" " + part)), std::string::npos) << read.error().message;
        EXPECT_EQ(read.error().message.find(good.substr(30, 20)), std::string::npos) << "a key in a message";
    }
}

class private_file : public testing::Test
{
protected:
    result<secret> read() { return read_private_file(file_, what, 100, key_guard::mode); }
    void expect(errc code, std::string const& part)
    {
        auto const got = read();
        ASSERT_FALSE(got) << part;
        EXPECT_EQ(got.error().code, code) << got.error().message;
        EXPECT_NE(got.error().message.find(part), std::string::npos) << got.error().message;
        EXPECT_NE(got.error().message.find(what), std::string::npos) << got.error().message;
    }

    temporary_folder folder_;
    std::filesystem::path file_ = folder_.path() / "secret";
};

TEST_F(private_file, is_judged_before_it_is_read)
{
    expect(errc::not_found, "No such file");
    std::filesystem::create_directory(file_);
    expect(errc::invalid, "is a folder");
    std::filesystem::remove(file_);
    ASSERT_EQ(::mkfifo(file_.c_str(), 0600), 0);
    expect(errc::invalid, "is no plain file");  // and does not wait for a writer
    std::filesystem::remove(file_);
    write_file(file_, "words");
    for (unsigned const mode : {0644U, 0640U, 0604U, 0610U, 0602U})
    {
        ::chmod(file_.c_str(), mode);
        expect(errc::unauthorized, "chmod 600 " + file_.string());
    }
    ::chmod(file_.c_str(), 0600);
    EXPECT_EQ(read().value().reveal(), "words");
    EXPECT_EQ(read_private_file(file_, what, 5, key_guard::mode).value().reveal(), "words");
    EXPECT_EQ(read_private_file(file_, what, 4, key_guard::mode).error().code, errc::invalid);
    write_file(file_, "");
    expect(errc::invalid, "is empty");
}

TEST_F(private_file, of_another_user_is_refused)
{
    if (::geteuid() != 0)
        GTEST_SKIP() << "only root can give files away";
    write_file(file_, "words");
    ::chmod(file_.c_str(), 0600);
    ASSERT_EQ(::chown(file_.c_str(), 12345, 12345), 0);
    expect(errc::unauthorized, "belongs to another user (uid 12345)");
    // systemd sets owner and mode of a credential as it needs them, and guards the folder.
    ::chmod(file_.c_str(), 0440);
    EXPECT_TRUE(read_private_file(file_, what, 100, key_guard::systemd));
}

TEST_F(private_file, is_replaced_whole)
{
    write_file(file_, "old");
    ASSERT_TRUE(replace_private_file(file_, secret(std::string("new"))));
    EXPECT_EQ(read().value().reveal(), "new");
    ASSERT_TRUE(make_private_file(file_, secret(std::string("another"))));
    EXPECT_EQ(read().value().reveal(), "new") << "one that is there stays";
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_.path()), {}), 1);
    EXPECT_EQ(
        replace_private_file(folder_.path() / "no" / "file", secret(std::string("x"))).error().code,
        errc::not_found
    );
}

// --- passphrases
// --------------------------------------------------------------------------------------------------

class passphrase : public testing::Test
{
protected:
    errc opens(std::string const& line, std::string const& words = "correct horse")
    {
        auto const lock = passphrase_lock::of(line, locked_key_head, secret(words), what);
        if (!lock)
        {
            message_ = lock.error().message;
            return lock.error().code;
        }
        auto const text = lock->unlock(line, locked_key_head, what);
        if (!text)
        {
            message_ = text.error().message;
            return text.error().code;
        }
        EXPECT_EQ(text->reveal(), "the text");
        return errc::none;
    }

    passphrase_lock lock_ = passphrase_lock::make(secret(std::string("correct horse")), cheap()).value();
    std::string line_ = lock_.lock(locked_key_head, "the text").value();
    std::string message_;
};

TEST_F(passphrase, opens_what_it_locked)
{
    EXPECT_EQ(opens(line_), errc::none);
    EXPECT_EQ(line_.find("the text"), std::string::npos);
    auto const again = lock_.lock(locked_key_head, "the text").value();
    EXPECT_NE(again, line_);
    EXPECT_TRUE(lock_.fits(again, locked_key_head)) << "the same lock, so nothing is derived anew";
    EXPECT_EQ(lock_.unlock(again, locked_key_head, what).value().reveal(), "the text");
    auto const other = passphrase_lock::make(secret(std::string("correct horse")), cheap()).value();
    EXPECT_FALSE(other.fits(line_, locked_key_head));
}

TEST_F(passphrase, that_is_wrong_is_told_apart_from_a_file_that_is_cut_or_altered)
{
    EXPECT_EQ(opens(line_, "correct house"), errc::unauthorized);
    EXPECT_EQ(message_, std::string("the passphrase does not open ") + what);
    EXPECT_EQ(opens(line_, ""), errc::unauthorized);
    for (std::size_t size = 0; size < line_.size(); ++size)
    {
        ASSERT_EQ(opens(line_.substr(0, size)), errc::invalid) << size;
        if (size > locked_key_head.size())
        {
            ASSERT_NE(message_.find("cut short"), std::string::npos) << size << message_;
        }
    }
    auto altered = line_;
    altered.back() = altered.back() == '0' ? '1' : '0';
    EXPECT_EQ(opens(altered), errc::unauthorized);
    EXPECT_NE(message_.find("was altered"), std::string::npos) << message_;
    EXPECT_EQ(opens("linkspan-links-scrypt-1" + line_.substr(locked_key_head.size())), errc::invalid);
    EXPECT_NE(message_.find("another kind of file"), std::string::npos) << message_;
}

TEST_F(passphrase, no_altered_byte_is_taken)
{
    for (std::size_t i = 0; i < line_.size(); ++i)
        for (char const flip : {'\x01', '\x20'})
        {
            auto altered = line_;
            altered[i] = static_cast<char>(altered[i] ^ flip);
            EXPECT_NE(opens(altered), errc::none) << i << altered;
        }
}

TEST_F(passphrase, of_a_hostile_file_takes_neither_memory_nor_time)
{
    auto const rest =
        line_.substr(line_.find(' ', line_.find(' ', line_.find(' ', line_.find(' ') + 1) + 1) + 1));
    for (auto const* cost :
         {"63 8 1",
          "31 8 1",
          "22 8 1",
          "19 8 1",
          "16 1000000 1",
          "16 8 1000000",
          "17 8 9",
          "20 1024 1024",
          "9 8 1",
          "0 8 1",
          "-4 8 1",
          "16 0 1",
          "16 8 0",
          "16 -8 1",
          "4294967312 8 1"})
    {
        auto const got = opens(std::string(locked_key_head) + " " + cost + rest);
        EXPECT_EQ(got, errc::invalid) << cost;
        EXPECT_TRUE(
            message_.find("asks for more work or memory") != std::string::npos ||
            message_.find("garbled") != std::string::npos
        ) << cost
          << message_;
    }
    EXPECT_FALSE(passphrase_lock::make(secret(std::string("short")), cheap()));
    EXPECT_FALSE(passphrase_lock::make(secret(std::string(passphrase_bytes_max + 1, 'a')), cheap()));
    EXPECT_TRUE(passphrase_lock::make(secret(std::string(passphrase_bytes_max, 'a')), cheap()));
}

}  // namespace
}  // namespace linkspan::test
