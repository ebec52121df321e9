#include "store/vault.hpp"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <memory>

namespace linkspan
{
namespace
{

constexpr std::size_t key_bytes = 32;
constexpr std::size_t nonce_bytes = 12;
constexpr std::size_t tag_bytes = 16;
constexpr std::string_view file_head = "linkspan-master-key-1 ";
constexpr std::size_t key_file_bytes_max = 256;

template <auto Free>
struct freer
{
    template <class T>
    void operator()(T* p) const
    {
        Free(p);
    }
};
using cipher_context = std::unique_ptr<EVP_CIPHER_CTX, freer<EVP_CIPHER_CTX_free>>;

unsigned char const* bytes(std::string_view text)
{
    return reinterpret_cast<unsigned char const*>(text.data());
}
unsigned char* bytes(std::string& text)
{
    return reinterpret_cast<unsigned char*>(text.data());
}

std::string to_hex(std::string_view raw)
{
    static constexpr char digits[] = "0123456789abcdef";
    std::string out;
    for (char const c : raw)
    {
        auto const byte = static_cast<unsigned char>(c);
        out += digits[byte >> 4];
        out += digits[byte & 15];
    }
    return out;
}

int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return -1;
}

std::string associated_data(seal_place const& place)
{
    return "linkspan:" + place.link.value + ":" + std::string(place.field) + ":" +
           std::to_string(place.version);
}

std::string id_of_key(secret const& key)
{
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned length = 0;
    auto const text = "linkspan key id:" + std::string(key.reveal());
    EVP_Digest(text.data(), text.size(), digest.data(), &length, EVP_sha256(), nullptr);
    return to_hex(std::string_view(reinterpret_cast<char const*>(digest.data()), 6));
}

error file_error(std::string_view doing, std::filesystem::path const& file)
{
    auto const code = errno == ENOENT ? errc::not_found : errc::unavailable;
    return error(code, std::string(doing) + " " + file.string() + ": " + std::strerror(errno));
}

// Written whole under another name first, so that no other process ever reads half a key.
result<> write_once(std::filesystem::path const& file, std::string const& text)
{
    auto draft =
        file.string() + ".XXXXXX";  // a name by pid would be in the way where a container crashed: all are 1
    int const fd = ::mkostemp(draft.data(), O_CLOEXEC);
    if (fd < 0)
        return file_error("make the key file", file);
    result<> made;
    if (::write(fd, text.data(), text.size()) != static_cast<ssize_t>(text.size()) || ::fsync(fd) != 0)
        made = file_error("write the key file", file);
    else if (::link(draft.c_str(), file.c_str()) != 0 && errno != EEXIST)
        made = file_error("make the key file", file);
    ::close(fd);
    ::unlink(draft.c_str());
    if (!made)
        return made;
    int const folder = ::open(file.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder >= 0)
    {
        ::fsync(folder);
        ::close(folder);
    }
    return {};
}

}  // namespace

void fill_random(std::span<std::uint8_t> out)
{
    if (RAND_bytes(out.data(), static_cast<int>(out.size())) != 1)
        std::abort();  // no randomness: nothing that follows would be safe
}

result<vault> vault::from_text(std::string text, std::filesystem::path const& key_file)
{
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r'))
        text.pop_back();
    auto const wrong = error(
        errc::invalid, key_file.string() + " is no master key of linkspan; restore it from your backup"
    );
    if (!text.starts_with(file_head) || text.size() != file_head.size() + 2 * key_bytes)
        return wrong;
    std::string raw;
    for (std::size_t i = file_head.size(); i < text.size(); i += 2)
    {
        int const high = hex_digit(text[i]);
        int const low = hex_digit(text[i + 1]);
        if (high < 0 || low < 0)
            return wrong;
        raw += static_cast<char>(high * 16 + low);
    }
    OPENSSL_cleanse(text.data(), text.size());
    vault out;
    out.key_ = secret(std::move(raw));
    out.key_id_ = id_of_key(out.key_);
    out.origin_ = "key file " + key_file.string();
    return out;
}

result<vault> vault::open(std::filesystem::path const& key_file)
{
    int const fd = ::open(key_file.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return file_error("read the master key", key_file);
    struct stat status = {};
    std::string text(key_file_bytes_max, '\0');
    bool const known = ::fstat(fd, &status) == 0;
    auto const length = known ? ::read(fd, text.data(), text.size()) : -1;
    ::close(fd);
    if (length < 0)
        return file_error("read the master key", key_file);
    if ((status.st_mode & 077) != 0)
        return error(
            errc::unauthorized,
            "the master key " + key_file.string() + " may be read by others; type: chmod 600 " +
                key_file.string()
        );
    text.resize(static_cast<std::size_t>(length));
    return from_text(std::move(text), key_file);
}

result<vault> vault::create(std::filesystem::path const& key_file)
{
    std::array<std::uint8_t, key_bytes> key{};
    fill_random(key);
    std::string text(file_head);
    text += to_hex(std::string_view(reinterpret_cast<char const*>(key.data()), key.size())) + "\n";
    OPENSSL_cleanse(key.data(), key.size());
    auto const written = write_once(key_file, text);
    OPENSSL_cleanse(text.data(), text.size());
    if (!written)
        return written.error();
    return open(key_file);
}

result<std::string> vault::seal(secret const& plain, seal_place const& place) const
{
    auto const text = plain.reveal();
    auto const aad = associated_data(place);
    std::string out(nonce_bytes + text.size() + tag_bytes, '\0');
    cipher_context const context(EVP_CIPHER_CTX_new());
    int n = 0;
    if (!context || RAND_bytes(bytes(out), nonce_bytes) != 1 ||
        EVP_EncryptInit_ex2(context.get(), EVP_aes_256_gcm(), bytes(key_.reveal()), bytes(out), nullptr) !=
            1 ||
        EVP_EncryptUpdate(context.get(), nullptr, &n, bytes(aad), static_cast<int>(aad.size())) != 1 ||
        EVP_EncryptUpdate(
            context.get(), bytes(out) + nonce_bytes, &n, bytes(text), static_cast<int>(text.size())
        ) != 1 ||
        EVP_EncryptFinal_ex(context.get(), bytes(out) + nonce_bytes + n, &n) != 1 ||
        EVP_CIPHER_CTX_ctrl(
            context.get(), EVP_CTRL_AEAD_GET_TAG, tag_bytes, bytes(out) + nonce_bytes + text.size()
        ) != 1)
        return error(errc::internal, "seal a credential: OpenSSL refused");
    return out;
}

result<secret> vault::open_sealed(
    std::string_view sealed, std::string_view sealed_with, seal_place const& place
) const
{
    auto const what = "open " + std::string(place.field) + " of link " + place.link.value + ": ";
    if (sealed_with != key_id_)
        return error(
            errc::unauthorized,
            what + "it was sealed with the master key " + std::string(sealed_with) + ", but " + origin_ +
                " holds " + key_id_ +
                "; restore the right key file, or set the field again with linkspan set-creds"
        );
    if (sealed.size() < nonce_bytes + tag_bytes)
        return error(errc::unauthorized, what + "the stored value is cut short");
    auto const aad = associated_data(place);
    auto const length = sealed.size() - nonce_bytes - tag_bytes;
    std::string plain(length, '\0');
    std::string tag(sealed.substr(nonce_bytes + length));
    cipher_context const context(EVP_CIPHER_CTX_new());
    int n = 0;
    bool const opened =
        context &&
        EVP_DecryptInit_ex2(context.get(), EVP_aes_256_gcm(), bytes(key_.reveal()), bytes(sealed), nullptr) ==
            1 &&
        EVP_DecryptUpdate(context.get(), nullptr, &n, bytes(aad), static_cast<int>(aad.size())) == 1 &&
        EVP_DecryptUpdate(
            context.get(), bytes(plain), &n, bytes(sealed) + nonce_bytes, static_cast<int>(length)
        ) == 1 &&
        EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, tag_bytes, tag.data()) == 1 &&
        EVP_DecryptFinal_ex(context.get(), bytes(plain) + n, &n) == 1;
    secret out(plain);
    OPENSSL_cleanse(plain.data(), plain.size());
    if (!opened)
        return error(errc::unauthorized, what + "the stored value was altered or moved; set it again");
    return out;
}

}  // namespace linkspan
