#include "store/cipher.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <cstdlib>
#include <memory>

namespace linkspan
{
namespace
{

constexpr std::size_t nonce_bytes = 12;
constexpr std::size_t tag_bytes = 16;
static_assert(nonce_bytes + tag_bytes == cipher_extra_bytes);

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

int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return -1;
}

}  // namespace

result<std::string> encrypt(secret const& key, std::string_view plain, std::string_view bound_to)
{
    std::string out(nonce_bytes + plain.size() + tag_bytes, '\0');
    cipher_context const context(EVP_CIPHER_CTX_new());
    int n = 0;
    if (!context || key.reveal().size() != cipher_key_bytes || RAND_bytes(bytes(out), nonce_bytes) != 1 ||
        EVP_EncryptInit_ex2(context.get(), EVP_aes_256_gcm(), bytes(key.reveal()), bytes(out), nullptr) !=
            1 ||
        EVP_EncryptUpdate(context.get(), nullptr, &n, bytes(bound_to), static_cast<int>(bound_to.size())) !=
            1 ||
        EVP_EncryptUpdate(
            context.get(), bytes(out) + nonce_bytes, &n, bytes(plain), static_cast<int>(plain.size())
        ) != 1 ||
        EVP_EncryptFinal_ex(context.get(), bytes(out) + nonce_bytes + n, &n) != 1 ||
        EVP_CIPHER_CTX_ctrl(
            context.get(), EVP_CTRL_AEAD_GET_TAG, tag_bytes, bytes(out) + nonce_bytes + plain.size()
        ) != 1)
        return error(errc::internal, "seal a credential: OpenSSL refused");
    return out;
}

std::optional<secret> decrypt(secret const& key, std::string_view sealed, std::string_view bound_to)
{
    if (sealed.size() < cipher_extra_bytes || key.reveal().size() != cipher_key_bytes)
        return std::nullopt;
    auto const length = sealed.size() - cipher_extra_bytes;
    std::string plain(length, '\0');
    std::string tag(sealed.substr(nonce_bytes + length));
    cipher_context const context(EVP_CIPHER_CTX_new());
    int n = 0;
    bool const opened =
        context &&
        EVP_DecryptInit_ex2(context.get(), EVP_aes_256_gcm(), bytes(key.reveal()), bytes(sealed), nullptr) ==
            1 &&
        EVP_DecryptUpdate(context.get(), nullptr, &n, bytes(bound_to), static_cast<int>(bound_to.size())) ==
            1 &&
        EVP_DecryptUpdate(
            context.get(), bytes(plain), &n, bytes(sealed) + nonce_bytes, static_cast<int>(length)
        ) == 1 &&
        EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, tag_bytes, tag.data()) == 1 &&
        EVP_DecryptFinal_ex(context.get(), bytes(plain) + n, &n) == 1;
    if (!opened)
    {
        wipe(plain);
        return std::nullopt;
    }
    return secret(std::move(plain));
}

std::string to_hex(std::string_view raw)
{
    static constexpr char digits[] = "0123456789abcdef";
    std::string out;
    out.reserve(raw.size() * 2);  // no copy is left behind by growing
    for (char const c : raw)
    {
        auto const byte = static_cast<unsigned char>(c);
        out += digits[byte >> 4];
        out += digits[byte & 15];
    }
    return out;
}

std::optional<secret> from_hex(std::string_view text)
{
    if (text.size() % 2 != 0)
        return std::nullopt;
    std::string raw;
    raw.reserve(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2)
    {
        int const high = hex_digit(text[i]);
        int const low = hex_digit(text[i + 1]);
        if (high < 0 || low < 0)
        {
            wipe(raw);
            return std::nullopt;
        }
        raw += static_cast<char>(high * 16 + low);
    }
    return secret(std::move(raw));
}

void wipe(std::string& text) noexcept
{
    OPENSSL_cleanse(text.data(), text.size());
    text.clear();
}

void fill_random(std::span<std::uint8_t> out)
{
    if (RAND_bytes(out.data(), static_cast<int>(out.size())) != 1)
        std::abort();  // no randomness: nothing that follows would be safe
}

std::string random_bytes(std::size_t count)
{
    std::string out(count, '\0');
    fill_random({reinterpret_cast<std::uint8_t*>(out.data()), out.size()});
    return out;
}

}  // namespace linkspan
