# cmake -DIN=chat.css -DOUT=chat_css.c -DNAME=fake_page_css -P embed.cmake: a file as a C array.
file(READ "${IN}" bytes HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
file(WRITE "${OUT}" "/* Made from ${NAME}. */\n#include \"fake-services/page/page.h\"\n\nconst char ${NAME}[] = {${bytes}0};\n")
